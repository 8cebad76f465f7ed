"""On any small table the mining functions agree with their slow twins in reference.py."""

from datetime import datetime, timedelta

import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from journey_mining import dropoff, funnel, sankey, transitions
from journey_mining.transitions.transitions import ENDS
from tests.examples import examples
from tests.journey_mining import reference

MIDNIGHT = datetime(2024, 5, 1)
COLUMNS = ["journey_id", "person_id", "step_number", "occurred_at", "stage", "touchpoint", "outcome"]
by = st.sampled_from(["stage", "touchpoint"])
windows = st.none() | st.sampled_from([0, 1, 2, 60, 61]).map(lambda seconds: timedelta(seconds=seconds))
some = examples(35)
few = examples(12)
OUTCOMES = ("succeeded", "dropped", "active", "open")


@st.composite
def tables_of_steps(draw, with_outcome=False):
    """Up to six journeys of three people or nobody, up to seven steps each, many at equal instants."""
    rows = []
    for journey in range(draw(st.integers(1, 6))):
        person = draw(st.sampled_from(["ann", "bob", "cid", None]))
        outcome = draw(st.sampled_from(OUTCOMES))
        occurred_at = MIDNIGHT
        for number in range(draw(st.integers(1, 7))):
            occurred_at += timedelta(seconds=draw(st.sampled_from([0, 0, 0.25, 1, 60])))
            stage, touchpoint = draw(st.sampled_from("AABC")), draw(st.sampled_from("xyz"))
            rows.append((f"j{journey}", person, number + 1, occurred_at, stage, touchpoint, outcome))
    table = pd.DataFrame(rows, columns=COLUMNS)
    is_kept = with_outcome or draw(st.sampled_from([True, True, True, False]))
    return table if is_kept else table.drop(columns="outcome")


def rows_of(table: pd.DataFrame, n_key: int) -> dict:
    """{key: values}, with None for what is missing."""
    rows = [[None if pd.isna(value) else value for value in row] for row in table.itertuples(index=False)]
    assert len({tuple(row[:n_key]) for row in rows}) == len(rows)
    return {tuple(row[:n_key]): tuple(row[n_key:]) for row in rows}


def assert_same(found: dict, expected: dict) -> None:
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        for one, other in zip(found[key], values, strict=True):
            assert (one is None) == (other is None), (key, found[key], values)
            assert one is None or abs(one - other) < 1e-9, (key, found[key], values)


@some
@given(tables_of_steps(), by)
def test_transitions_agree_conserve_flow_and_have_probabilities_that_sum_to_1(steps, by):
    table = transitions(steps, by)
    assert_same(rows_of(table, 2), reference.transitions(steps.to_dict("records"), by))
    for count in ("n_transitions", "n_open"):
        flow_in, flow_out = table.groupby("to")[count].sum(), table.groupby("from")[count].sum()
        for name in set(table["from"]) - {"(start)"}:
            assert flow_in[name] == flow_out[name]
    sums = table[table["probability"].notna()].groupby("from")["probability"].sum()
    assert (abs(sums - 1) < 1e-12).all()


@some
@given(tables_of_steps(with_outcome=True), by)
def test_drop_off_and_its_interval_agree_and_the_rate_lies_within(steps, by):
    table = dropoff(steps, by)
    expected = {(name,): row for name, row in reference.dropoff(steps.to_dict("records"), by).items()}
    assert_same(rows_of(table, 1), expected)
    sure = table.dropna()
    assert (sure["dropoff_low"] >= 0).all()
    assert (sure["dropoff_high"] <= 1).all()
    assert sure["dropoff_rate"].between(sure["dropoff_low"], sure["dropoff_high"]).all()


@some
@given(tables_of_steps(), st.lists(st.sampled_from("ABC"), min_size=1, max_size=4), windows)
def test_the_first_touch_of_each_stage_makes_the_best_of_all_ways_through_a_funnel(steps, stages, window):
    assume(stages[0] in set(steps["stage"]))
    found = funnel(steps, stages, window, as_of=datetime.max)
    expected = enumerate(reference.funnel(steps.to_dict("records"), stages, window), start=1)
    told = found.drop(columns=["stage", "n_entries", "n_excluded"])
    assert_same(rows_of(told, 1), {(position,): row for position, row in expected})
    assert found["stage"].tolist() == stages


@some
@given(tables_of_steps(), st.integers(1, 4), st.integers(1, 3), by)
def test_sankey_links_agree_and_conserve_every_journey(steps, max_steps, top, by):
    links = sankey(steps, max_steps, top, by)
    links = links.assign(n_journeys=links["n_journeys"] + links["n_open"])
    found = {key: values[0] for key, values in rows_of(links, 3).items()}
    assert found == reference.sankey(steps.to_dict("records"), max_steps, top, by)
    assert links.loc[links["step"] == 0, "n_journeys"].sum() == steps["journey_id"].nunique()
    out = links[links["step"] > 0].groupby(["step", "source"])["n_journeys"].sum()
    goes_on = links[~links["target"].isin([*ENDS, "(more)"])]
    into = goes_on.assign(step=goes_on["step"] + 1).groupby(["step", "target"])["n_journeys"].sum()
    assert into.to_dict() == out.to_dict()
    assert links.groupby("step")["source"].nunique().max() <= top + 1
    assert links["step"].max() <= max_steps


@few
@given(tables_of_steps(), st.randoms())
def test_the_order_of_the_rows_never_matters(steps, random):
    shuffled = steps.sample(frac=1, random_state=random.randrange(2**32))
    pd.testing.assert_frame_equal(sankey(shuffled), sankey(steps))
    assume("A" in set(steps["stage"]))
    pd.testing.assert_frame_equal(funnel(shuffled, ["A", "B"]), funnel(steps, ["A", "B"]))
