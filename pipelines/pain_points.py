"""Pain points: where customers fare worse than the others do, or than they did, by more than chance."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from journey_mining import adjusted, difference
from pipelines.wording import measure

HERE = Path(__file__).parent
SIGNIFICANCE = 0.05
KEY = ["kind", "journey", "stage", "kpi"]

SCHEMA = pa.schema(
    [
        ("pain_point_id", pa.string()),
        ("rank", pa.int64()),
        ("kind", pa.string()),
        ("journey", pa.string()),
        ("stage", pa.string()),
        ("kpi", pa.string()),
        ("persona", pa.string()),
        ("period", pa.string()),
        ("compared_with", pa.string()),
        ("sentence", pa.string()),
        ("unit", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("n_units", pa.int64()),
        ("n_people", pa.int64()),
        ("baseline_value", pa.float64()),
        ("baseline_n_units", pa.int64()),
        ("difference", pa.float64()),
        ("difference_low", pa.float64()),
        ("difference_high", pa.float64()),
        ("p_value", pa.float64()),
        ("p_adjusted", pa.float64()),
        ("n_affected", pa.int64()),
        ("successes_at_stake", pa.float64()),
    ]
)


def make_pain_points(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table pain_points from the published rates."""
    rates = con.execute((HERE / "pain_points.sql").read_text()).fetchdf()
    prospects = con.execute((HERE / "stage_prospects.sql").read_text()).fetchdf()
    found = pain_points(rates, prospects)
    con.register("found_pain_points", pa.Table.from_pandas(found, schema=SCHEMA, preserve_index=False))
    con.execute("CREATE OR REPLACE TABLE pain_points AS SELECT * FROM found_pain_points").fetchall()
    con.unregister("found_pain_points")


def pain_points(rates: pd.DataFrame, prospects: pd.DataFrame) -> pd.DataFrame:
    """Compare every rate with that of the other personas and with the previous period; keep what is certainly worse.

    All comparisons together are corrected by Benjamini and Hochberg. A KPI counts only where it misses its target.
    The rank is by what is at stake: units affected times the share of journeys through that stage that succeed.
    """
    compared = pd.concat([_with_other_personas(rates), _with_previous_period(rates)], ignore_index=True)
    compared = compared[compared["n_units"].gt(0) & compared["baseline_n_units"].gt(0)].reset_index(drop=True)
    tested = difference(compared["value"], compared["error"], compared["baseline_value"], compared["baseline_error"])
    compared = pd.concat([compared, tested], axis="columns")
    compared["p_adjusted"] = adjusted(compared["p_value"])
    is_worse = np.where(compared["direction"] == "lower", compared["difference"] > 0, compared["difference"] < 0)
    found = compared[is_worse & compared["is_missed"].astype(bool) & (compared["p_adjusted"] < SIGNIFICANCE)].copy()
    found["n_affected"] = _affected(found)
    found = found.merge(prospects, on=["journey", "stage"], how="left")
    found["successes_at_stake"] = found["n_affected"] * found["prospect"].fillna(
        prospects["prospect"].mean() if len(prospects) else 0.0
    )
    order = ["successes_at_stake", "p_adjusted", *KEY, "persona", "compared_with"]
    found = found.sort_values(order, ascending=[False, *[True] * (len(order) - 1)], na_position="last").reset_index(
        drop=True
    )
    found["rank"] = found.index + 1
    found["sentence"] = [_sentence(row) for row in found.to_dict("records")]
    found["pain_point_id"] = [_name(row) for row in found.to_dict("records")]
    return found[SCHEMA.names]


def _with_other_personas(rates: pd.DataFrame) -> pd.DataFrame:
    """Set each persona's current rate beside the pooled rate of all other personas; personas share no unit."""
    parts = rates[
        (rates["period"] == "current") & (rates["persona"] != "(all)") & (rates["statistic"] != "median")
    ].copy()
    parts = parts.dropna(subset=["value"])
    # A persona of which nothing is known but a number, as of one person, says nothing of the others.
    n = parts["n_units"].where(parts["error"].notna(), 0)
    value, variance = parts["value"], (n * parts["error"].fillna(0)) ** 2
    keys = [parts[key].fillna("") for key in KEY]

    def others(column: pd.Series) -> pd.Series:
        return column.groupby(keys).transform("sum") - column

    n_others = others(n)
    parts["baseline_n_units"] = n_others
    parts["baseline_value"] = others(n * value) / n_others.where(n_others > 0)
    parts["baseline_error"] = np.sqrt(others(variance).clip(lower=0)) / n_others.where(n_others > 0)
    parts["compared_with"] = "other personas"
    return parts


def _with_previous_period(rates: pd.DataFrame) -> pd.DataFrame:
    """Set each current rate beside that of the period before."""
    now, before = rates[rates["period"] == "current"], rates[rates["period"] == "previous"]
    baseline = before[[*KEY, "persona", "value", "error", "n_units"]].rename(
        columns={"value": "baseline_value", "error": "baseline_error", "n_units": "baseline_n_units"}
    )
    found = now.merge(baseline, on=[*KEY, "persona"]).assign(compared_with="previous period")
    # A persona that all units are of is everyone once more.
    same = [*KEY, "n_units", "baseline_n_units"]
    everyone = found.loc[found["persona"] == "(all)", same].assign(is_everyone=True)
    is_twin = found[same].merge(everyone, on=same, how="left")["is_everyone"].notna().to_numpy()
    return found[(found["persona"] == "(all)") | ~is_twin]


def _affected(found: pd.DataFrame) -> pd.Series:
    """Count the units that would have fared better at the baseline's rate; of a mean or a median, all people."""
    excess = (found["difference"].abs() * found["n_units"]).round()
    return excess.where(found["statistic"] == "rate", found["n_people"]).astype("int64")


def _sentence(row: dict[str, Any]) -> str:
    """Say a pain point as a headline, its numbers as the pages write them."""
    value, baseline = (measure(row[name], row["unit"]) for name in ("value", "baseline_value"))
    against = "in the period before" if row["compared_with"] == "previous period" else "among the others"
    whose = "" if row["persona"] == "(all)" else f", {row['persona_label']}"
    return f"{row['label']}{whose}: {value} against {baseline} {against}"


def _name(row: dict[str, object]) -> str:
    parts = (row["kind"], row["journey"], row["stage"], row["kpi"], row["persona"], row["compared_with"])
    return hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()[:12]
