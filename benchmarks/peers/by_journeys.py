"""Our answers: sessions by one SELECT, the rest by journey_mining, which gives people, times and intervals besides."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from answers import FUNNEL, GAP_SECONDS, N_STEPS, answer

import journey_mining as jm

STEPS = """
SELECT sum(CASE WHEN is_start THEN 1 ELSE 0 END) OVER (ORDER BY path_id, occurred_at) AS journey_id, path_id AS person_id,
    occurred_at, event AS stage, event AS touchpoint
FROM (
    SELECT *, coalesce(occurred_at > lag(occurred_at) OVER (PARTITION BY path_id ORDER BY occurred_at) + to_seconds($gap), TRUE) AS is_start
    FROM read_parquet($log)
)
"""


def solve(log: Path) -> Iterator[tuple[str, Any]]:
    """Mark sessions, then mine them as journeys."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/steps.parquet"
        con = duckdb.connect()
        con.execute(f"CREATE TABLE marked AS {STEPS}", {"log": str(log), "gap": GAP_SECONDS}).fetchall()
        con.execute(
            "COPY (SELECT *, row_number() OVER (PARTITION BY journey_id ORDER BY occurred_at) AS step_number FROM marked) "
            f"TO '{path}' (FORMAT parquet)"
        ).fetchall()
        n_sessions = con.execute("SELECT max(journey_id) FROM marked").fetchall()[0][0]
        con.close()
        yield "sessions", int(n_sessions)
        moves = jm.transitions(path, by="touchpoint")
        names = {"(start)": "start", "(end)": "end"}
        yield (
            "transitions",
            {
                f"{names.get(a, a)} > {names.get(b, b)}": n
                for a, b, n in moves[["from", "to", "n_transitions"]].itertuples(index=False)
            },
        )
        yield "funnel", jm.funnel(path, list(FUNNEL))["n_journeys"].tolist()
        links = jm.sankey_links(path, max_steps=N_STEPS, top=1000, by="touchpoint")
        links = links[~links["target"].isin(["(end)", "(more)"])]
        steps = links.groupby(["step", "target"])["n_journeys"].sum()
        yield "steps", {f"{step + 1}: {target}": int(n) for (step, target), n in steps.items()}


if __name__ == "__main__":
    answer(solve)
