"""The pattern language, as it is read."""

from datetime import timedelta
from pathlib import Path

import pytest

from journey_mining import ArgumentError
from journey_mining.flows.patterns import Gap, positions

MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("pattern", "names", "is_negated"),
    [
        ("cart", ("cart",), False),
        (" cart ", ("cart",), False),
        ("(cart|pay)", ("cart", "pay"), False),
        ("(cart | pay)", ("cart", "pay"), False),
        ("!cart", ("cart",), True),
        ("!(cart|pay)", ("cart", "pay"), True),
        (".", (), True),
        ('"a -> b"', ("a -> b",), False),
        ('("a|b"|c)', ("a|b", "c"), False),
        ('"."', (".",), False),
        ('"(start)"', ("(start)",), False),
        ("cart*", ("cart*",), False),
        ("Add to cart (EU)", ("Add to cart (EU)",), False),
    ],
)
def test_a_position_is_a_name_several_or_all_others(pattern, names, is_negated):
    (position,) = positions(pattern)
    assert (position.names, position.is_negated, position.kind) == (names, is_negated, "step")


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        (".*", Gap(0, None)),
        (".{0,3}", Gap(0, 3)),
        (".{2}", Gap(2, 2)),
        (".{2,}", Gap(2, None)),
        (".{,2}", Gap(0, 2)),
        ("(x|y)*", Gap(0, None, ("x", "y"), False)),
        ("!(x)*", Gap(0, None, ("x",), True)),
        ("!(x){1,2}", Gap(1, 2, ("x",), True)),
    ],
)
def test_a_gap_says_how_many_steps_of_which_names_may_lie_between(text, gap):
    first, second = positions(f"a->{text}->b")
    assert (second.gap, first.part, second.part) == (gap, 1, 2)


def test_without_a_gap_positions_follow_directly_and_are_one_part():
    first, second, third = positions("a->b->.*->c")
    assert (second.gap, third.gap) == (Gap(0, 0), Gap(0, None))
    assert (first.part, second.part, third.part) == (1, 1, 2)


@pytest.mark.parametrize(
    ("text", "at_least", "at_most"),
    [
        ("[<1m]", None, MINUTE - INSTANT),
        ("[<=1m]", None, MINUTE),
        ("[>1m]", MINUTE + INSTANT, None),
        ("[>=1m, <2m]", MINUTE, 2 * MINUTE - INSTANT),
        ("[<1h 30m] ", None, 90 * MINUTE - INSTANT),
    ],
)
def test_a_time_counts_from_the_position_before(text, at_least, at_most):
    _, second = positions(f"a->.*->{text}b")
    assert (second.at_least, second.at_most, second.names) == (at_least, at_most, ("b",))


def test_outer_gaps_of_anything_say_nothing_new():
    assert [(p.names, p.part) for p in positions(".*->a->.*")] == [(("a",), 1)]


def test_a_journey_has_a_start_and_an_end():
    assert [position.kind for position in positions("(start)->a->.*->(end)")] == ["start", "step", "end"]
    assert positions("(start|x)")[0].kind == "step"


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("", "give a text"),
        (None, "give a text"),
        ("a->->b", "'' lacks a name"),
        ("(a|)", "lacks a name"),
        (".*", "wants no step"),
        ("a->.*->!(b)*->c", "two gaps in a row"),
        ("!(x)*->a", r"nothing on its outer side; write '\(start\)->!\(x\)\*->...'"),
        ("a->.{0,3}", r"write '...->.\{0,3\}->\(end\)'"),
        ("a->(start)", "write it first"),
        ("(end)->a", "write it last"),
        ("[<30m]a", "is the first position; a time counts from the one before"),
        ("a->[30m]b", r"'\[30m\]' is no time"),
        ("a->[<30]b", "'30' is no length of time"),
        ("a->[<1m,<2m]b", "is no time"),
        ("a->.{}->b", "does not say how many steps"),
        ("a->.{3,1}->b", "at least 3 steps and at most 1"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_to_write(pattern, complaint):
    with pytest.raises(ArgumentError, match=complaint):
        positions(pattern)


def test_every_pattern_of_the_docs_can_be_read():
    page = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    table = page.split("| pattern | matches |")[1].split("\n\n")[0]
    patterns = [row.split("`")[1].replace("\\|", "|") for row in table.splitlines() if "`" in row]
    assert len(patterns) == 10
    assert [positions(pattern) for pattern in patterns]
