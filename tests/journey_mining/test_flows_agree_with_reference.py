"""On any small table the flows agree with their slow twins in reference_flows.py."""

import re
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journey_mining import Anchor, ArgumentError, sankey, step_matrix
from journey_mining.flows.matches import find_matches
from journey_mining.steps import opened
from journey_mining.transitions.transitions import ENDS
from tests.examples import examples
from tests.journey_mining import reference_flows
from tests.journey_mining.test_agreement_with_reference import assert_same, rows_of, tables_of_steps

some = examples(20)
few = examples(10)
NAMES = "ABC"
MATRIX = ["part", "step", "name", "n_journeys", "n_people", "share", "share_low", "share_high", "share_error", "n_open"]
LINKS = [
    "step",
    "source",
    "target",
    "n_journeys",
    "n_people",
    "n_open",
    "share",
    "share_low",
    "share_high",
    "share_error",
]
CLASSES = {"A": "A", "B": "B", "(A|C)": "AC", "!A": "BC", "!(A|B)": "C", ".": "ABC"}
GAPS = {
    ".*": (0, None, "ABC"), "!(B)*": (0, None, "AC"), "(A|B)*": (0, None, "AB"), ".{1}": (1, 1, "ABC"),
    ".{0,2}": (0, 2, "ABC"), ".{1,}": (1, None, "ABC"), "(A){0,1}": (0, 1, "A"), "!(C){1,2}": (1, 2, "AB"),
    ".{2,3}": (2, 3, "ABC"), ".{,1}": (0, 1, "ABC"), "": (0, 0, ""),
}  # fmt: skip
TIMES = {
    "": lambda seconds: True, "[<1s]": lambda seconds: seconds < 1, "[<=1s]": lambda seconds: seconds <= 1,
    "[>0s]": lambda seconds: seconds > 0, "[>=60s]": lambda seconds: seconds >= 60,
    "[>1s,<=1m]": lambda seconds: 1 < seconds <= 60, "[<0.5s, >=0.25s]": lambda seconds: 0.25 <= seconds < 0.5,
}  # fmt: skip


@st.composite
def patterns(draw):
    """The text of a pattern, and the positions it means."""
    kinds = ["step"] * draw(st.integers(1, 3))
    kinds = [*(["start"] * draw(st.booleans())), *kinds, *(["end"] * draw(st.sampled_from([0, 0, 1])))]
    texts, wanted = [], []
    for kind in kinds:
        text = draw(st.sampled_from(sorted(CLASSES)))
        gap, time = draw(st.sampled_from([".*", ".*", "", *GAPS])), draw(st.sampled_from([*[""] * 7, *TIMES]))
        if not wanted:
            gap, time = "", ""
        if gap:
            texts.append(gap)
        texts.append(time + (f"({kind})" if kind != "step" else text))
        fewest, most, between = GAPS[gap]
        wanted.append({
            "kind": kind, "names": set(CLASSES[text]), "fewest": fewest, "most": most, "between": set(between),
            "in_time": TIMES[time], "is_new_part": bool(gap),
        })  # fmt: skip
    return "->".join(texts), wanted


offsets = st.sampled_from([0, 0, 1, -2, timedelta(seconds=1), timedelta(seconds=-60), timedelta(microseconds=1)])
occurrences = st.sampled_from(["first", "last", 1, 2])
bys = st.sampled_from(["stage", "touchpoint"])
steps_of_three = tables_of_steps().map(
    lambda table: table.assign(touchpoint=table["touchpoint"].replace({"x": "A", "y": "B", "z": "C"}))
)


@st.composite
def tables_with_all_names(draw):
    """Some steps, and a journey with each name, so that patterns name nothing unknown."""
    table = draw(steps_of_three)
    last = table.iloc[[0] * 3].assign(
        journey_id="all", step_number=[1, 2, 3], stage=list(NAMES), touchpoint=list(NAMES)
    )
    return pd.concat([table, last], ignore_index=True)


def centred_of(steps, by, place):
    """The journeys that have a place, with it."""
    found = [(journey, place(journey)) for journey in reference_flows.paths(steps.to_dict("records"), by)]
    return [(journey, centre) for journey, centre in found if centre is not None]


@some
@given(tables_with_all_names(), st.lists(patterns(), min_size=4, max_size=4), bys)
def test_a_pattern_matches_wherever_trying_everything_finds_a_match(steps, several, by):
    journeys = list(reference_flows.paths(steps.to_dict("records"), by))
    with opened(steps, by) as analysis:
        for text, wanted in several:
            expected = set()
            for journey in journeys:
                found = set(reference_flows.matches(journey, wanted))
                if found:
                    assert reference_flows.earliest(found) in found, "the earliest places together are a match"
                expected |= {(journey["id"], place + 1, n) for match in found for place, n in enumerate(match)}
            if not expected:
                with pytest.raises(ArgumentError, match=f"no journey matches {re.escape(repr(text))}"):
                    find_matches(analysis, text)
                continue
            find_matches(analysis, text)
            rows = analysis.con.execute(
                "SELECT journey_id, position, visit_number FROM matched JOIN journeys USING (journey_no)"
            ).fetchall()
            assert len(set(rows)) == len(rows)
            assert set(rows) == expected, text


@some
@given(tables_of_steps(), st.integers(1, 6), st.none() | st.integers(1, 2), bys)
def test_step_matrices_agree_and_each_step_sums_to_1(steps, max_steps, top, by):
    table = step_matrix(steps, max_steps, top, by)
    centred = centred_of(steps, by, lambda journey: 0)
    expected = reference_flows.step_matrix(centred, range(max_steps + 1), top)
    assert_same(rows_of(table[MATRIX[1:]], 2), expected)
    sums = table.groupby("step")["share"].sum(min_count=1).dropna()
    assert (abs(sums - 1) < 1e-12).all()


@some
@given(tables_with_all_names(), patterns(), occurrences, offsets, st.integers(1, 4), st.none() | st.integers(1, 2), bys)
def test_matrices_around_an_anchor_agree(steps, pattern, occurrence, offset, max_steps, top, by):
    text, wanted = pattern
    centred = centred_of(steps, by, lambda journey: reference_flows.anchor(journey, wanted, occurrence, offset))
    anchor = Anchor(text, occurrence, offset)
    if not centred:
        with pytest.raises(ArgumentError, match="no journey"):
            step_matrix(steps, max_steps, top, by, anchor=anchor)
        return
    table = step_matrix(steps, max_steps, top, by, anchor=anchor)
    expected = reference_flows.step_matrix(centred, range(-max_steps, max_steps + 1), top)
    assert_same(rows_of(table[MATRIX[1:]], 2), expected)


@few
@given(tables_with_all_names(), patterns(), bys)
def test_each_part_of_a_pattern_has_a_matrix_around_its_first_position_in_the_earliest_match(steps, pattern, by):
    text, wanted = pattern
    firsts = [place for place, position in enumerate(wanted) if place == 0 or position["is_new_part"]]

    def earliest(journey, place):
        found = list(reference_flows.matches(journey, wanted))
        return reference_flows.earliest(found)[place] if found else None

    assume(centred_of(steps, by, lambda journey: earliest(journey, 0)))
    expected = {
        (part, *cell): told
        for part, place in enumerate(firsts, start=1)
        for cell, told in reference_flows.step_matrix(
            centred_of(steps, by, lambda journey, place=place: earliest(journey, place)), range(-3, 4)
        ).items()
    }
    assert_same(rows_of(step_matrix(steps, 3, by=by, pattern=text)[MATRIX], 3), expected)


def sliced(steps, by, start, end):
    """(journey, first, last) of each journey with the wanted anchors."""
    for journey in reference_flows.paths(steps.to_dict("records"), by):
        length = len(journey["path"])
        begin = reference_flows.anchor(journey, start[0], *start[1:]) if start else None
        finish = reference_flows.anchor(journey, end[0], *end[1:], after=begin or 0) if end else None
        if (start and begin is None) or (end and finish is None):
            continue
        first = 1 if begin is None else max(begin, 1)
        last = length if finish is None else min(finish, length)
        if first <= last:
            yield journey, first, last


@some
@given(tables_with_all_names(), st.data(), st.integers(1, 4), st.none() | st.integers(1, 2), bys)
def test_flows_from_an_anchor_to_an_anchor_agree_and_are_conserved(steps, data, max_steps, top, by):
    asked, meant = {}, {}
    for name in data.draw(st.sampled_from([["start"], ["end"], ["start", "end"], []])):
        (text, wanted), occurrence = data.draw(patterns()), data.draw(occurrences)
        offset = data.draw(offsets) if name == "end" else 0
        asked[name], meant[name] = Anchor(text, occurrence, offset), (wanted, occurrence, offset)
    parts = list(sliced(steps, by, meant.get("start"), meant.get("end")))
    if not parts:
        with pytest.raises(ArgumentError, match="no journey"):
            sankey(steps, max_steps, top, by, **asked)
        return
    links = sankey(steps, max_steps, top, by, **asked)
    expected = reference_flows.sankey(parts, max_steps, top, set(asked) == {"end"}, "end" in asked)
    assert_same(rows_of(links[LINKS], 3), expected)
    assert_conserved(links)


def assert_conserved(links):
    """What flows into a node flows out of it: journeys, people who are open, and shares."""
    for count in ("n_journeys", "n_open", "share"):
        out = links[~links["source"].isin(["(start)", "(more)"])].groupby(["step", "source"])[count].sum()
        goes_on = links[~links["target"].isin([*ENDS, "(more)"])]
        into = goes_on.assign(step=goes_on["step"] + 1).groupby(["step", "target"])[count].sum()
        assert_same({key: (n,) for key, n in into.items()}, {key: (n,) for key, n in out.items()})
