"""Findings, differences of transitions, variants, sequences and next steps agree with their slow twins."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journey_mining as jm
from tests.examples import examples
from tests.journey_mining import reference, reference_paths
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.test_agreement_with_reference import assert_same, rows_of, tables_of_steps
from tests.journey_mining.test_running_example import steps as running_example  # noqa: F401

some = examples(25)
by = st.sampled_from(["stage", "touchpoint"])
lengths, shares, gaps = st.integers(1, 3), st.sampled_from([0.01, 0.3, 0.5]), st.booleans()


def as_rows(table: pd.DataFrame, column: str) -> dict:
    """{the list in a column as a tuple: the other values}"""
    plain = table.assign(**{column: [tuple(cell) for cell in table[column]]})
    return rows_of(plain, 1)


@some
@given(tables_of_steps(), by)
def test_findings_agree(steps, by):
    assert_same(rows_of(jm.findings(steps, by), 3), reference_paths.findings(steps.to_dict("records"), by))


@some
@given(tables_of_steps(), st.integers(1, 4), by)
def test_variants_agree_and_cover_every_journey(steps, top, by):
    table = jm.variants(steps, top, by)
    expected = reference_paths.variants(steps.to_dict("records"), top, by)
    assert [list(path) for path in table["path"]] == [row[0] for row in expected]
    assert_same(rows_of(table.drop(columns="path").reset_index(), 1), {(k,): row[1:] for k, row in enumerate(expected)})


@some
@given(tables_of_steps(), lengths, shares, gaps, by)
def test_sequences_agree(steps, longest, min_share, gaps, by):
    found = as_rows(jm.sequences(steps, longest, min_share, gaps, by), "sequence")
    expected = reference_paths.sequences(steps.to_dict("records"), longest, min_share, gaps, by)
    assert_same({key[0]: row for key, row in found.items()}, expected)


@some
@given(tables_of_steps(with_outcome=True), st.sampled_from(["C", None]), lengths, shares, gaps)
def test_discriminative_sequences_agree_on_both_sides_and_see_nothing_after_the_goal(
    steps, goal, longest, min_share, gaps
):
    steps.loc[0, "stage"] = "C"
    table = jm.discriminative_sequences(steps, goal, longest, min_share, gaps, by="stage")
    expected = reference_paths.discriminative(steps.to_dict("records"), goal, longest, min_share, gaps)
    assert {tuple(cell) for cell in table["sequence"]} == set(expected)
    for row in table.to_dict("records"):
        for side, values in zip("ab", expected[tuple(row["sequence"])], strict=True):
            found = [row[f"{name}_{side}"] for name in ("n", "rate", "low", "high")]
            for one, other in zip(found, values, strict=True):
                assert (other is None and math.isnan(one)) or one == pytest.approx(other, abs=1e-9), (row, values)
        assert goal not in row["sequence"]


def test_without_a_goal_the_succeeded_are_set_against_the_dropped():
    """What is active or open has neither won nor lost: it is on no side, whatever it has."""
    steps = steps_of("""
        journey_id | person_id | stage  | outcome
        -----------+-----------+--------+----------
        a          | ann       | search | succeeded
        a          | ann       | pay    | succeeded
        b          | bob       | search | succeeded
        c          | cid       | help   | dropped
        d          | dan       | search | dropped
        d          | dan       | help   | dropped
        e          | eve       | help   | active
        f          | fay       | help   | open
    """)
    table = jm.discriminative_sequences(steps, max_length=1)
    told = {
        row["sequence"][0]: [row[name] for name in ("n_a", "rate_a", "n_b", "rate_b")] for _, row in table.iterrows()
    }
    assert told == {"help": [2, 0, 2, 1], "pay": [1, 1, 3, 1 / 3], "search": [3, 2 / 3, 1, 0]}


@some
@given(tables_of_steps(), st.lists(st.sampled_from("ABC"), min_size=1, max_size=2), st.booleans())
def test_next_steps_agree_and_their_shares_sum_to_1(steps, prefix, anywhere):
    if not set(prefix) <= set(steps["stage"]):
        return
    table = jm.next_steps(steps, prefix, anywhere, by="stage")
    expected = reference_paths.next_steps(steps.to_dict("records"), prefix, anywhere)
    assert_same({key[0]: row for key, row in rows_of(table, 1).items()}, expected)
    assert not table["n_times"].sum() or table["share"].sum() == pytest.approx(1)


@some
@given(tables_of_steps(), by, st.data())
def test_the_difference_of_two_segments_agrees_and_turns_its_sign_with_them(steps, by, data):
    """What has no person is another cluster in each segment; a person may be in both."""
    segment = {journey: data.draw(st.sampled_from("mmd")) for journey in steps["journey_id"].unique()}
    segment["j0"] = "m"
    steps["device"] = steps["journey_id"].map(segment)
    there = jm.transition_diff(steps, "device", "m", by=by)
    for side, wanted in (("a", steps["device"] == "m"), ("b", steps["device"] != "m")):
        expected = reference.transitions(steps[wanted].to_dict("records"), by)
        for row in there.to_dict("records"):
            values = expected.get((row["from"], row["to"]), (0, 0, 0))
            assert row[f"n_transitions_{side}"] == values[0]
            assert row[f"n_people_{side}"] == values[2]
            if len(values) > 3 and values[5] is not None:
                found = [row[f"probability_{side}"], row[f"low_{side}"], row[f"high_{side}"]]
                assert found == pytest.approx([math.nan if v is None else v for v in values[5:8]], nan_ok=True)
    if set(segment.values()) == {"m", "d"}:
        one, other = (jm.transition_diff(steps, "device", a, b, by=by) for a, b in ("md", "dm"))
        np.testing.assert_allclose(one["difference"], -other["difference"], atol=1e-12)
        np.testing.assert_allclose(one["difference_low"], -other["difference_high"], atol=1e-12)
        np.testing.assert_allclose(one["p_adjusted"], other["p_adjusted"], atol=1e-12)


def test_the_six_requests_have_six_variants_and_the_published_rework(running_example):  # noqa: F811
    found = jm.variants(running_example, by="touchpoint")
    assert (len(found), found["n_journeys"].tolist(), found["cumulative_share"].iloc[-1]) == (6, [1] * 6, 1.0)
    table = jm.findings(running_example, by="touchpoint")
    rework = table[table["kind"] == "rework"].set_index("name")["n_journeys"]
    assert rework.to_dict() == {"check": 2, "decide": 2, "casually": 1, "reinitiate": 1}


def test_after_registering_half_of_the_requests_are_examined_casually(running_example):  # noqa: F811
    assert_shows(
        jm.next_steps(running_example, ["register"], by="touchpoint"),
        "name | n_times | share\ncasually | 3 | 3 / 6\ncheck | 2 | 2 / 6\nthoroughly | 1 | 1 / 6",
    )


def test_what_a_circle_is():
    steps = steps_of("""
        journey_id | touchpoint | stage
        -----------+------------+------
        a          | home       | x
        a          | home       | x
        a          | cart       | x
        a          | home       | x
        a          | exit       | x
        b          | home       | x
        b          | exit       | x
    """)
    assert_shows(
        jm.findings(steps, by="touchpoint"),
        """
        kind      | name | other | n_times | n_journeys | n_units | rate
        ----------+------+-------+---------+------------+---------+------
        dead end  | exit |       | 2       | 2          | 2       | 1
        ping-pong | home | cart  | 1       | 1          | 2       | 1 / 2
        rework    | home |       | 1       | 1          | 2       | 1 / 2
        self-loop | home |       | 1       | 1          | 2       | 1 / 2
        """,
    )


def test_what_is_the_same_everywhere_is_rarely_found_to_differ():
    """Forty samples of two alike groups, a few journeys per person: with BH at 5 %, about two of them may raise an alarm."""
    random = np.random.default_rng(5)
    alarms = 0
    for _ in range(40):
        person = np.repeat(np.arange(120), 6)
        taste = np.repeat(random.beta(1, 1, 120), 6)
        stage = np.where(random.random(720) < taste, "buy", "help")
        steps = pd.DataFrame(
            {"person_id": person.astype(str), "journey_id": np.arange(720).astype(str), "stage": stage}
        )
        steps = steps.assign(
            step_number=1, occurred_at=pd.Timestamp("2024-05-01"), device=np.where(person < 60, "m", "d")
        )
        alarms += (jm.transition_diff(steps, "device", "m", "d")["p_adjusted"] < 0.05).any()
    assert alarms <= 6


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda steps: jm.next_steps(steps, []), "at least one name"),
        (lambda steps: jm.next_steps(steps, ["chek"], by="touchpoint"), "no touchpoint 'chek'; did you mean 'check'"),
        (lambda steps: jm.discriminative_sequences(steps, goal="pai"), "no stage 'pai'; did you mean 'pay'"),
        (lambda steps: jm.discriminative_sequences(steps), "needs the column 'outcome'"),
        (lambda steps: jm.sequences(steps, max_length=0), "max_length: at least 1"),
        (lambda steps: jm.sequences(steps, min_share=0), "min_share"),
        (lambda steps: jm.variants(steps, top=0), "top: at least 1"),
        (lambda steps: jm.transitions(steps, quantiles=[90]), "quantiles: a share lies between 0 and 1"),
    ],
)
def test_an_error_says_what_is_wrong(ask, complaint, running_example):  # noqa: F811
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        ask(running_example)


def test_any_quantile_may_be_asked_for(running_example):  # noqa: F811
    """261,780 s, 521,400 s and 759,300 s: the quarter lies halfway between the first two."""
    table = jm.transitions(running_example, by="touchpoint", quantiles=[0.25]).set_index(["from", "to"])
    assert table.loc[("decide", "pay"), "p25_seconds"] == (261_780 + 521_400) / 2


def test_what_is_asked_besides_takes_nothing_from_what_a_table_knows_of_itself(running_example):  # noqa: F811
    plain, asked = (jm.transitions(running_example, min_share=0.05, quantiles=q) for q in ((), (0.25,)))
    assert asked.attrs == plain.attrs
    assert {"sql", "order", "coverage"} <= set(asked.attrs)


def test_a_sequence_of_exactly_the_least_share_is_there():
    """7 of 100: 0.07 times 100 is a little more than 7 in floating point."""
    rows = [(f"j{n}", step, stage) for n in range(100) for step, stage in enumerate(["look", "buy"][: 1 + (n < 7)], 1)]
    steps = pd.DataFrame(rows, columns=["journey_id", "step_number", "stage"])
    steps = steps.assign(person_id=steps["journey_id"], occurred_at=pd.Timestamp("2024-05-01"))
    found = jm.sequences(steps, min_share=0.07)
    assert ["look", "buy"] in [list(sequence) for sequence in found["sequence"]]


def test_pruning_says_what_it_keeps(running_example):  # noqa: F811
    pruned = jm.prune(jm.transitions(running_example, by="touchpoint"), share=3 / 48)
    assert pruned["n_transitions"].min() == 3
    assert pruned.attrs["coverage"] == pytest.approx(pruned["n_transitions"].sum() / 48)
    asked = jm.transitions(running_example, by="touchpoint", min_share=3 / 48)
    pd.testing.assert_frame_equal(asked, pruned)
    assert asked.attrs["coverage"] == pruned.attrs["coverage"]


def test_a_quantile_that_is_there_already_or_asked_twice_is_one_column(running_example):  # noqa: F811
    found = jm.transitions(running_example, quantiles=[0.9, 0.25, 0.25])
    assert [column for column in found if column.endswith("_seconds")] == [
        "mean_seconds",
        "median_seconds",
        "p90_seconds",
        "p25_seconds",
    ]


def test_a_journey_that_begins_with_the_goal_is_on_neither_side():
    """Ten began with buying. Of ten searches five led to it, of ten homes two: 0.5 against 0.2, not against 12 of 20."""
    rows = []
    for number in range(30):
        name = ("buy", "search", "home")[number // 10]
        names = [name] if name == "buy" or number % 10 >= {"search": 5, "home": 2}[name] else [name, "buy"]
        rows += [(f"j{number}", place, stage) for place, stage in enumerate(names, 1)]
    steps = pd.DataFrame(rows, columns=["journey_id", "step_number", "stage"])
    steps = steps.assign(person_id=steps["journey_id"], occurred_at=pd.Timestamp("2024-05-01"))
    found = jm.discriminative_sequences(steps, goal="buy", max_length=1)
    search = found[[list(sequence) == ["search"] for sequence in found["sequence"]]]
    assert search[["n_a", "rate_a", "n_b", "rate_b"]].to_numpy().tolist() == [[10, 0.5, 10, 0.2]]


def test_a_pruned_graph_that_lost_its_start_is_drawn():
    """Of one journey back and forth, each way but the first and the last is a large share."""
    steps = pd.DataFrame({"stage": ["a", "b"] * 12, "step_number": range(1, 25)})
    steps = steps.assign(journey_id="j", person_id="ann", occurred_at=pd.Timestamp("2024-05-01"))
    table = jm.transitions(steps, min_share=0.05)
    assert "(start)" not in set(table["from"])
    assert jm.transitions_figure(table).data
