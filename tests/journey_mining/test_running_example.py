"""The running example of process mining: six requests for compensation, 42 events (W. van der Aalst)."""

from collections import Counter

import pandas as pd
import pytest

from journey_mining import funnel, sankey, transition_graph, transitions

LOG = """
1 register 30T11:02, thoroughly 31T10:06, check 36T15:12, decide 37T11:18, reject 38T14:24
2 register 30T11:32, check 30T12:12, casually 30T14:16, decide 36T11:22, pay 39T12:05
3 register 30T14:32, casually 30T15:06, check 30T16:34, decide 37T09:18, reinitiate 37T12:18, thoroughly 37T13:06, \
check 39T11:43, decide 40T09:55, pay 46T10:45
4 register 37T15:02, check 38T12:06, thoroughly 39T14:43, decide 40T12:02, reject 43T15:44
5 register 37T09:02, casually 38T10:16, check 39T11:22, decide 41T13:28, reinitiate 42T16:18, check 45T14:33, \
casually 47T15:50, decide 50T11:18, reinitiate 51T12:48, casually 52T09:06, check 52T11:34, decide 54T13:12, \
reject 55T14:56
6 register 37T15:02, casually 37T16:06, check 38T16:22, decide 38T16:52, pay 47T11:47
"""
"""Days count from 1 December 2010, so that 37 is 6 January 2011."""


@pytest.fixture(scope="module")
def steps() -> pd.DataFrame:
    rows = []
    for line in LOG.strip().splitlines():
        case, _, path = line.partition(" ")
        for number, event in enumerate(path.split(", "), start=1):
            name, _, at = event.partition(" ")
            day, clock = at.split("T")
            occurred_at = pd.Timestamp("2010-11-30") + pd.Timedelta(days=int(day)) + pd.Timedelta(f"{clock}:00")
            rows.append(
                {"journey_id": case, "person_id": case, "step_number": number, "occurred_at": occurred_at}
                | {"touchpoint": name, "stage": name}
            )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def inner(steps) -> pd.DataFrame:
    table = transitions(steps, by="touchpoint")
    return table[(table["from"] != "(start)") & (table["to"] != "(end)")].set_index(["from", "to"])


def test_there_are_16_edges_and_36_transitions(steps, inner):
    assert (len(steps), len(inner), inner["n_transitions"].sum()) == (42, 16, 36)


@pytest.mark.parametrize(
    ("source", "target", "n"),
    [
        ("check", "decide", 6), ("casually", "check", 4),
        ("decide", "pay", 3), ("decide", "reinitiate", 3), ("decide", "reject", 3),
        ("register", "casually", 3), ("register", "check", 2), ("register", "thoroughly", 1),
    ],
)  # fmt: skip
def test_published_counts(inner, source, target, n):
    assert inner.loc[(source, target), "n_transitions"] == n


def test_three_requests_end_paid_and_three_rejected(steps):
    graph = transition_graph(transitions(steps, by="touchpoint"))
    assert {name: edge["n_transitions"] for name, _, edge in graph.in_edges("(end)", data=True)} == {
        "pay": 3,
        "reject": 3,
    }
    assert graph.nodes["decide"]["n_visits"] == 9


def test_from_decision_to_payment_the_median_is_521400_seconds(inner):
    """261,780 s, 521,400 s and 759,300 s: the mean is 514,160 s, the 90th percentile 521,400 + 0.8 * 237,900."""
    assert inner.loc[("decide", "pay"), "mean_seconds"] == 514_160
    assert inner.loc[("decide", "pay"), "median_seconds"] == 521_400
    assert inner.loc[("decide", "pay"), "p90_seconds"] == pytest.approx(711_720)


def test_a_check_is_repeated_in_two_requests_and_an_examination_in_one(steps):
    """Rework as a funnel that wants the same touchpoint twice."""
    twice = {name: int(funnel(steps, [name, name])["n_journeys"].iloc[1]) for name in steps["stage"].unique()}
    assert +Counter(twice) == {"check": 2, "decide": 2, "casually": 1, "reinitiate": 1}


def test_unrolled_far_enough_the_six_requests_end_in_four_columns(steps):
    links = sankey(steps, max_steps=20, top=20)
    ended = links[links["target"] == "(end)"]
    assert ended.groupby("step")["n_journeys"].sum().to_dict() == {5: 4, 9: 1, 13: 1}
