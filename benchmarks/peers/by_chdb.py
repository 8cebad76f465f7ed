"""The answers of chDB: ClickHouse's arrays and windowFunnel."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answers import FUNNEL, GAP_SECONDS, N_STEPS, answer
from chdb.session import Session

SESSIONS = """
CREATE TABLE sessions ENGINE = MergeTree ORDER BY tuple() AS
SELECT rowNumberInAllBlocks() AS session, arrayMap(x -> x.1, run) AS times, arrayMap(x -> x.2, run) AS events
FROM (
    SELECT arraySort(groupArray((
        toUInt32(assumeNotNull(toUnixTimestamp(occurred_at))), CAST(assumeNotNull(event) AS LowCardinality(String))))) AS touches
    FROM file('{log}', Parquet) GROUP BY path_id
)
ARRAY JOIN arraySplit((touch, silence) -> silence > {gap}, touches, arrayDifference(arrayMap(x -> x.1, touches))) AS run
"""
TRANSITIONS = """
SELECT pair.1 AS a, pair.2 AS b, count() AS n
FROM sessions ARRAY JOIN arrayZip(arrayPushFront(events, 'start'), arrayPushBack(events, 'end')) AS pair GROUP BY a, b
"""
FUNNELS = """
SELECT {reached} FROM (
    SELECT windowFunnel(1000000000)(time, {conditions}) AS level FROM sessions ARRAY JOIN times AS time, events AS event GROUP BY session
)
"""
STEPS = """
SELECT step, event AS a, count() AS n
FROM sessions ARRAY JOIN arraySlice(events, 1, {n}) AS event, arrayEnumerate(arraySlice(events, 1, {n})) AS step GROUP BY step, a
"""


def solve(log: Path) -> Iterator[tuple[str, Any]]:
    """Make one row of arrays per session, then ask."""
    session = Session()

    def rows(sql: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in str(session.query(sql, "JSONEachRow")).splitlines()]

    session.query("CREATE DATABASE peers")
    session.query("USE peers")
    session.query(SESSIONS.format(log=log, gap=GAP_SECONDS))
    yield "sessions", int(rows("SELECT count() AS n FROM sessions")[0]["n"])
    yield "transitions", {f"{row['a']} > {row['b']}": int(row["n"]) for row in rows(TRANSITIONS)}
    conditions = ", ".join(f"event = '{event}'" for event in FUNNEL)
    reached = ", ".join(f"countIf(level >= {position}) AS n{position}" for position in range(1, len(FUNNEL) + 1))
    yield "funnel", [int(n) for n in rows(FUNNELS.format(conditions=conditions, reached=reached))[0].values()]
    yield "steps", {f"{row['step']}: {row['a']}": int(row["n"]) for row in rows(STEPS.format(n=N_STEPS))}


if __name__ == "__main__":
    answer(solve)
