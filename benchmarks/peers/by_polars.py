"""The answers of Polars, written by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from answers import FUNNEL, GAP_SECONDS, N_STEPS, answer


def solve(log: Path) -> Iterator[tuple[str, Any]]:
    """Sort once, mark sessions, and count."""
    is_new = (
        (pl.col("path_id") != pl.col("path_id").shift())
        | (pl.col("occurred_at").diff().dt.total_seconds() > GAP_SECONDS)
    ).fill_null(True)
    events = (
        pl.scan_parquet(log)
        .with_columns(pl.col("event").cast(pl.Categorical))
        .sort("path_id", "occurred_at")
        .with_columns(session=is_new.cum_sum())
        .select("session", "event")
        .collect()
    )
    yield "sessions", events["session"].max()
    is_first = (pl.col("session") != pl.col("session").shift()).fill_null(True)
    is_last = (pl.col("session") != pl.col("session").shift(-1)).fill_null(True)
    moves = events.lazy().select(
        pl.col("event").alias("a"), pl.col("event").shift(-1).alias("b"), is_first=is_first, is_last=is_last
    )
    inner = moves.filter(~pl.col("is_last")).group_by("a", "b").len()
    starts = moves.filter(pl.col("is_first")).group_by("a").len()
    ends = moves.filter(pl.col("is_last")).group_by("a").len()
    inner, starts, ends = pl.collect_all([inner, starts, ends])
    found = {f"{a} > {b}": n for a, b, n in inner.iter_rows()}
    found |= {f"start > {a}": n for a, n in starts.iter_rows()} | {f"{a} > end": n for a, n in ends.iter_rows()}
    yield "transitions", found
    yield "funnel", list(_funnel(events))
    numbered = events.lazy().with_columns(step=pl.int_range(pl.len()).over("session") + 1)
    steps = numbered.filter(pl.col("step") <= N_STEPS).group_by("step", "event").len().collect()
    yield "steps", {f"{step}: {event}": n for step, event, n in steps.iter_rows()}


def _funnel(events: pl.DataFrame) -> Iterator[int]:
    """Find, per session, the first row of each event after that of the one before."""
    rows = events.lazy().with_row_index("row")
    reached = None
    for event in FUNNEL:
        here = rows.filter(pl.col("event") == event)
        if reached is not None:
            here = here.join(reached, on="session").filter(pl.col("row") > pl.col("at"))
        reached = here.group_by("session").agg(at=pl.col("row").min()).collect().lazy()
        yield reached.select(pl.len()).collect().item()


if __name__ == "__main__":
    answer(solve)
