"""How much likelier an end is after a start: drawn cases, the slow twin, and a bootstrap by person."""

import math
import random
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_mining import Anchor, ArgumentError, conversion_lift, conversion_lift_figure
from tests.examples import examples
from tests.journey_mining import reference, reference_flows
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.test_flows_agree_with_reference import (
    bys,
    occurrences,
    offsets,
    patterns,
    tables_with_all_names,
)
from tests.journey_mining.test_step_matrix import journeys_of

SHOP = {"ann": "SP", "bob": "SXP", "cem": "PS", "dee": "X", "eve": "SSP"}
"""A letter per minute: who searches, who purchases, and in which order."""


def lift(start, end, **asked):
    return conversion_lift(journeys_of(SHOP), start, end, by="touchpoint", **asked)


def test_the_end_counts_after_the_start_and_in_the_base_wherever_it_is():
    assert_shows(
        lift("S", "P"),
        """
        n_journeys | n_people | n_converted | rate  | n_all | n_with_end | base_rate | lift    | n_open
        -----------+----------+-------------+-------+-------+------------+-----------+---------+-------
        4          | 4        | 3           | 3 / 4 | 5     | 4          | 4 / 5     | 15 / 16 | 0
        """,
    )


@pytest.mark.parametrize(
    ("start", "end", "within", "n_journeys", "n_converted"),
    [
        ("S", "P", 1, 4, 1),
        ("S", "P", 2, 4, 3),
        ("S", "P", "1m", 4, 1),
        ("S", "P", timedelta(minutes=2), 4, 3),
        ("S", "P", "119s", 4, 1),
        (Anchor("S", occurrence="last"), "P", 1, 4, 2),
        ("S", "S", None, 4, 1),
        ("S->.*->P", "(end)", 1, 3, 3),
        ("S", "(end)", 1, 4, 1),
        ("(start)", "S", 1, 5, 3),
        (Anchor("(start)->S"), "P", None, 3, 3),
        ("S", "X->P", None, 4, 1),
    ],
    ids=str,
)
def test_within_counts_steps_or_time_from_the_place_and_includes_its_end(start, end, within, n_journeys, n_converted):
    assert_shows(
        lift(start, end, within=within),
        f"""
        n_journeys   | n_converted
        {n_journeys} | {n_converted}
        """,
    )


def test_the_figure_draws_the_rate_after_the_start_over_that_of_all():
    (bars,) = conversion_lift_figure(lift("S", "P")).data
    assert list(bars.x) == [3 / 4, 4 / 5]


def test_open_journeys_are_in_no_rate():
    steps = steps_of(
        """
        journey_id | person_id | stage | outcome
        a          | ann       | cart  | succeeded
        a          | ann       | buy   | succeeded
        b          | bob       | cart  | open
        c          | cem       | home  | dropped
        """
    )
    assert_shows(
        conversion_lift(steps, "cart", "buy"),
        """
        n_journeys | n_converted | rate | n_all | base_rate | lift | n_open
        1          | 1           | 1    | 2     | 1 / 2     | 2    | 1
        """,
    )


def test_what_all_journeys_have_has_a_lift_of_1_for_certain():
    told = lift("(start)", "S").iloc[0]
    assert (told["lift"], told["lift_low"], told["lift_high"]) == pytest.approx((1, 1, 1), abs=1e-7)


def test_where_nobody_comes_to_the_end_the_lift_is_0_without_limits():
    told = lift("P", "X").iloc[0]
    assert (told["n_converted"], told["lift"]) == (0, 0)
    assert math.isnan(told["lift_low"])
    assert math.isnan(told["lift_high"])


def test_a_rate_of_all_is_not_certain():
    told = lift("S->.*->P", "(end)").iloc[0]
    assert (told["rate"], told["base_rate"], told["lift"]) == (1, 1, 1)
    assert told["lift_low"] < 0.8
    assert told["lift_high"] > 1.2


def test_three_of_three_against_a_half_are_no_sure_lift():
    """By chance three of three come to what every second journey has in one case of eight."""
    paths = {f"s{n}": "SP" for n in range(3)} | {f"x{n}": "XP" if n % 2 else "X" for n in range(200)}
    told = conversion_lift(journeys_of(paths), "S", "P", by="touchpoint").iloc[0]
    assert told["lift_low"] < 1 < told["lift"]


def test_open_journeys_alone_have_no_rate():
    steps = steps_of("""
        journey_id | person_id | stage | outcome
        a          | ann       | cart  | open
        b          | bob       | home  | succeeded
        b          | bob       | buy   | succeeded
    """)
    assert_shows(
        conversion_lift(steps, "cart", "buy"),
        """
        n_journeys | n_converted | rate | base_rate | lift | lift_low | n_open
        0          | 0           |      | 1         |      |          | 1
        """,
    )


def test_an_end_that_is_moved_before_the_start_is_none():
    assert lift("S", Anchor("P", offset=-1), within=1)["n_converted"].iloc[0] == 2  # Bob's X and Eve's second S


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"start": "S", "end": "purchase"}, "no touchpoint 'purchase'"),
        ({"start": "S->.*->X->.*->S", "end": "P"}, "no journey matches"),
        ({"start": "S", "end": "P", "within": 0}, "within"),
        ({"start": "S", "end": "P", "within": "soon"}, "within: 'soon' is no length of time"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked, words):
    with pytest.raises(ArgumentError, match=words):
        lift(**asked)


def slow_lift(steps, by, start, end, within):
    """(n_journeys, n_people, n_converted, rate, low, high, n_all, n_with_end, base_rate, base_low, base_high, n_open)"""
    told = []
    for journey in reference_flows.paths(steps, by):
        length, times = len(journey["path"]), [at for _, at in journey["path"]]

        def moment(place, journey=journey, times=times, length=length):
            return journey["first_at"] if place < 1 else times[place - 1] if place <= length else journey["last_at"]

        begin = reference_flows.anchor(journey, start[0], start[1], 0)
        after = None if begin is None else reference_flows.anchor(journey, *end, after=begin or 0.5)
        is_converted = (
            after is not None
            and after > begin
            and (
                within is None
                or (after - begin <= within if isinstance(within, int) else moment(after) - moment(begin) <= within)
            )
        )
        told.append((journey, begin is not None, is_converted, reference_flows.anchor(journey, *end) is not None))
    mature = [one for one in told if one[0]["outcome"] != "open"]
    rate, low, high, _ = reference.clustered([(reference.cluster(j), hit) for j, has, hit, _ in mature if has])
    base, base_low, base_high, _ = reference.clustered([(reference.cluster(j), hit) for j, _, _, hit in mature])
    people = {journey["person"] for journey, has, _, _ in mature if has} - {None}
    return (
        *(sum(has for _, has, _, _ in mature), len(people), sum(hit for _, _, hit, _ in mature), rate, low, high),
        *(len(mature), sum(hit for _, _, _, hit in mature), base, base_low, base_high),
        sum(has for journey, has, _, _ in told if journey["outcome"] == "open"),
    )


COUNTED = [
    *("n_journeys", "n_people", "n_converted", "rate", "low", "high"),
    *("n_all", "n_with_end", "base_rate", "base_low", "base_high", "n_open"),
]
withins = st.sampled_from([None, 1, 2, timedelta(seconds=1), timedelta(minutes=1)])


@examples(30)
@given(tables_with_all_names(), patterns(), patterns(), occurrences, occurrences, offsets, withins, bys)
def test_any_two_places_agree(steps, start, end, first, last, offset, within, by):
    journeys = list(reference_flows.paths(steps.to_dict("records"), by))
    asked = (Anchor(start[0], first), Anchor(end[0], last, offset), within, by)
    if not all(any(True for j in journeys for _ in reference_flows.matches(j, wanted)) for _, wanted in (start, end)):
        with pytest.raises(ArgumentError, match="no journey"):
            conversion_lift(steps, *asked)
        return
    told = conversion_lift(steps, *asked).iloc[0]
    found = [None if pd.isna(told[name]) else float(told[name]) for name in COUNTED]
    expected = slow_lift(steps.to_dict("records"), by, (start[1], first), (end[1], last, offset), within)
    assert found == pytest.approx([None if value is None else float(value) for value in expected], rel=1e-9, abs=1e-12)
    rate, base = told["rate"], told["base_rate"]
    assert (told["lift"] == pytest.approx(rate / base)) if base and rate == rate else pd.isna(told["lift"])


def test_the_limits_of_a_lift_are_those_of_a_bootstrap_by_person():
    """People differ in what they like, so that journeys of one are alike; most journeys with the start are in the base, too."""
    chance = random.Random(5)
    paths, people = {}, {}
    for person in range(300):
        likes = chance.random()
        for number in range(chance.randint(1, 4)):
            searched = "S" if chance.random() < 0.5 else ""
            bought = "P" if chance.random() < likes * (0.8 if searched else 0.4) else ""
            paths[f"{person}/{number}"] = f"X{searched}{bought}"
            people[f"{person}/{number}"] = person
    steps = journeys_of(paths).assign(person_id=lambda table: table["journey_id"].map(people).astype(str))
    told = conversion_lift(steps, "S", "P", by="touchpoint").iloc[0]

    counted = np.zeros((300, 4))
    for journey, path in paths.items():
        counted[people[journey]] += ("S" in path, "SP" in path, 1, "P" in path)
    rng = np.random.default_rng(1)
    drawn = [counted[rng.integers(0, 300, 300)].sum(axis=0) for _ in range(3000)]
    low, high = np.quantile([(hits / units) / (of_all / n) for units, hits, n, of_all in drawn], [0.025, 0.975])
    assert told["lift"] > 1.2
    assert (told["lift_low"], told["lift_high"]) == pytest.approx((low, high), rel=0.02)
