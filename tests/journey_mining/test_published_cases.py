"""Answers that other tools publish of small cases, asked of us in our words.

ClickHouse's windowFunnel: what our words cannot say is left out. A stage is a name, and a step without one is refused, so
that no condition is NULL; nothing of ours stops where a stage that is done is done again (strict_deduplication).
"""

import pandas as pd
import pytest

from journey_mining import from_pandas, funnel

DAY = pd.Timestamp("2024-05-01")


def log_of(minutes_and_names):
    """A log of one person: minutes from midnight, and what happened."""
    rows = [("ann", name, DAY + pd.Timedelta(minutes=minute)) for minute, name in minutes_and_names]
    return from_pandas(pd.DataFrame(rows, columns=["who", "what", "at"]), person="who", event="what", time="at")


def in_minutes(names):
    return list(enumerate(names))


DEPTHS = {
    "windowFunnel, one row that meets three conditions": ("x", "xxx", {"semantics": "clickhouse"}, 3),
    "the same with strict_once": ("x", "xxx", {}, 1),
    "strict_once has a row for each": ("xxx", "xxx", {}, 3),
    "strict_order, another event between": ("adbc", "abc", {"order": "strict"}, 1),
    "without it": ("adbc", "abc", {}, 3),
    "strict_order with allow_reentry, the first stage again": ("adabc", "abc", {"order": "strict"}, 3),
    "strict_order without allow_reentry": ("adabc", "abc", {"order": "strict", "entry": "first"}, 1),
}
"""What happened, a letter a minute; the stages; how it is asked; the depth that is published."""


@pytest.mark.parametrize("case", DEPTHS)
def test_a_funnel_is_as_deep_as_published(case):
    happened, stages, how, depth = DEPTHS[case]
    assert funnel(log_of(in_minutes(happened)), list(stages), **how)["n_entries"].sum() == depth


@pytest.mark.parametrize(("window", "depth"), [("2m", 3), ("119s", 2)])
def test_a_window_from_the_first_stage_includes_its_end(window, depth):
    assert funnel(log_of(in_minutes("abc")), list("abc"), window, semantics="clickhouse")["n_entries"].sum() == depth


def test_sessions_of_thirty_minutes_are_1_1_1_2_2():
    """duckdb-behavioral's sessionize: five events, one longer silence, after the third."""
    log = log_of([(0, "a"), (10, "b"), (25, "c"), (120, "d"), (125, "e")]).sessions("30m")
    sessions = sorted(log.variants().table["path"].map("".join))
    assert [number for number, names in enumerate(sessions, 1) for _ in names] == [1, 1, 1, 2, 2]
    assert sessions == ["abc", "de"]
