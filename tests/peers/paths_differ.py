"""Compare transitions, variants and rework with retentioneering and pm4py; exit code 1 on any difference.

python -m tests.peers.paths_differ [number of random logs]

The environment of the peers is benchmarks/peers/.venv, or what PEERS_PYTHON names.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

import journey_mining as jm
from benchmarks.peers.compare import peers_python

COLUMNS = ["n_transitions", "n_journeys", "share", "per_journey", "probability", "probability_in"]
SECONDS = ["median_seconds", "p95_seconds"]


def random_logs(n: int) -> Iterator[pd.DataFrame]:
    """Up to eight people, fourteen steps of six names each, many at one instant; in the order of time."""
    random = np.random.default_rng(2)
    for number in range(n):
        person = np.repeat(np.arange(random.integers(1, 9)), random.integers(1, 15))
        at = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.cumsum(random.choice([0, 1, 60, 7200], len(person))), "s")
        event = random.choice(list("abcdef"), len(person), p=random.dirichlet(np.ones(6)))
        yield pd.DataFrame({"log": f"random {number}", "person": person.astype(str), "event": event, "at": at})


def real_logs(folder: Path) -> Iterator[pd.DataFrame]:
    """The clicks of a shop (a twentieth of its people) and the tickets of a help desk; whole seconds."""
    with duckdb.connect() as con:
        yield con.sql(
            "SELECT 'shop' AS log, user_pseudo_id AS person, event_name AS event, "
            "date_trunc('second', make_timestamp(event_timestamp)) AS at "
            f"FROM read_parquet('{folder}/ga4/*.parquet') WHERE md5_number_lower(user_pseudo_id) % 20 = 0 "
            "ORDER BY event_timestamp // 1000000, user_pseudo_id, event_name"
        ).df()
    desk = pd.read_csv(
        folder / "helpdesk" / "helpdesk_finale.csv.gz", usecols=["Case ID", "Activity", "Complete Timestamp"]
    )
    desk.columns = ["person", "event", "at"]
    desk = desk.assign(log="help desk", at=pd.to_datetime(desk["at"]).dt.floor("s"))
    yield desk.sort_values("at", kind="stable")[["log", "person", "event", "at"]]


def ours(name: str, log: pd.DataFrame) -> Iterator[tuple[str, str, str, float]]:
    """The same figures by this package."""
    mined = jm.from_pandas(log, person="person", event="event", time="at")
    for row in jm.transitions(mined, quantiles=[0.95]).to_dict("records"):
        for column in (*COLUMNS, *SECONDS):
            if row[column] == row[column]:
                yield name, column, f"{row['from']} > {row['to']}", float(row[column])
    for row in jm.variants(mined, top=1_000_000).to_dict("records"):
        yield name, "variant", " > ".join(row["path"]), row["n_journeys"]
    found = jm.findings(mined)
    for row in found[found["kind"] == "rework"].to_dict("records"):
        yield name, "rework", row["name"], row["n_journeys"]
    mined.close()


def main() -> int:
    """Return how many figures differ, after telling some of them."""
    data = Path(os.environ.get("JOURNEYS_DATA", "../shared/data"))
    logs = [*random_logs(int(sys.argv[1]) if len(sys.argv) > 1 else 200), *(real_logs(data) if data.is_dir() else ())]
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "logs.parquet", Path(folder) / "answers.parquet"
        pd.concat(logs).astype({"at": "datetime64[us]"}).to_parquet(asked)
        script = Path(__file__).with_name("paths_by_peers.py")
        subprocess.run([peers_python(), str(script), str(asked), str(answered)], check=True)
        theirs = pd.read_parquet(answered)
    rows = [row for log in logs for row in ours(log["log"].iloc[0], log.drop(columns="log"))]
    mine = pd.DataFrame(rows, columns=["log", "question", "about", "value"])
    n_differing = 0
    for tool, told in theirs.groupby("tool"):
        own = mine[mine["question"].isin(set(told["question"]))]
        both = told.merge(own, on=["log", "question", "about"], how="outer", suffixes=("_theirs", "_ours"))
        is_same = np.isclose(both["value_theirs"], both["value_ours"], rtol=1e-9, atol=1e-12)
        n_differing += int((~is_same).sum())
        shown = both[~is_same].head(20) if (~is_same).any() else both.groupby("question").size()
        sys.stdout.write(f"{tool}: {len(both):,} figures, {int((~is_same).sum())} differ\n{shown.to_string()}\n")
    return n_differing


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
