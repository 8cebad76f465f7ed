"""A small language for what happens in journeys: `cart->!(search)*->[<=30m]purchase`. docs/flows.md has the grammar."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from journey_mining.durations import duration
from journey_mining.errors import ArgumentError

UNQUOTED = r'(?=(?:[^"]*"[^"]*")*[^"]*$)'
ARROW, BAR = re.compile("->" + UNQUOTED), re.compile(r"\|" + UNQUOTED)
TIMED = re.compile(r"\[(?P<time>[^\]]*)\](?P<rest>.*)", re.DOTALL)
REPEATED = re.compile(r"(?P<class>\.|.*\))(?:\*|\{\s*(?P<fewest>\d*)(?P<comma>\s*,\s*)?(?P<most>\d*)\s*\})", re.DOTALL)
LIMIT = re.compile(r"\s*(?P<sign><=|>=|<|>)(?P<length>.*)")
INSTANT = timedelta(microseconds=1)
"""The resolution of time: less than 30 minutes is at most 30 minutes less this."""


@dataclass(frozen=True)
class Gap:
    """What may lie between two positions: how many steps (None: any number), of which names or of all others."""

    fewest: int = 0
    most: int | None = 0
    names: tuple[str, ...] = ()
    is_negated: bool = True


@dataclass(frozen=True)
class Position:
    """One step that a pattern wants: of these names or of all others, behind a gap, and in time.

    `kind` is 'step', or 'start' and 'end' for what lies before the first step and after the last. `part` counts, from
    1, the runs of positions without a gap between them. The times count from the position before, and are inclusive.
    """

    text: str
    kind: str
    names: tuple[str, ...] = ()
    is_negated: bool = False
    part: int = 1
    gap: Gap = Gap()
    at_least: timedelta | None = None
    at_most: timedelta | None = None


def positions(pattern: str) -> tuple[Position, ...]:
    """Read a pattern as the positions it wants; raise `ArgumentError` with the item that makes no sense.

    >>> for position in positions("cart->!(search)*->[<=30m](pay|buy)"):
    ...     print(position.names, position.part, position.gap.names, position.at_most)
    ('cart',) 1 () None
    ('pay', 'buy') 2 ('search',) 0:30:00
    >>> positions("cart->.*")[0].names
    ('cart',)
    """
    if not isinstance(pattern, str) or not pattern.strip():
        raise ArgumentError(f"pattern: give a text such as 'cart->.*->purchase', not {pattern!r}")
    items = [item.strip() for item in ARROW.split(pattern)]
    found: list[Position] = []
    gap, gap_text = Gap(), ""
    for number, item in enumerate(items):
        read = _gap(item) or _position(item)
        if isinstance(read, Gap):
            if gap_text:
                raise ArgumentError(f"pattern: {gap_text!r} and {item!r} are two gaps in a row; write one")
            _check_bounded(read, item, number, len(items))
            gap, gap_text = read, item
            continue
        _check_place(read, is_first=not found, number=number, n_items=len(items))
        part = found[-1].part + bool(gap_text) if found else 1
        found.append(replace(read, part=part, gap=gap if found else Gap()))
        gap, gap_text = Gap(), ""
    if not found:
        raise ArgumentError(f"pattern: {pattern!r} wants no step; name at least one")
    return tuple(found)


def _check_bounded(gap: Gap, item: str, number: int, n_items: int) -> None:
    """A pattern matches anywhere, so an outer `.*` says nothing new, and any other outer gap nothing at all."""
    if gap != Gap(most=None) and number in (0, n_items - 1):
        bound = f"(start)->{item}->..." if number == 0 else f"...->{item}->(end)"
        raise ArgumentError(f"pattern: the gap {item!r} has nothing on its outer side; write '{bound}'")


def _check_place(position: Position, is_first: bool, number: int, n_items: int) -> None:
    if position.kind == "start" and number > 0:
        raise ArgumentError("pattern: nothing comes before '(start)'; write it first")
    if position.kind == "end" and number < n_items - 1:
        raise ArgumentError("pattern: nothing comes after '(end)'; write it last")
    if is_first and (position.at_least is not None or position.at_most is not None):
        raise ArgumentError(f"pattern: {position.text!r} is the first position; a time counts from the one before")


def _gap(item: str) -> Gap | None:
    repeated = REPEATED.fullmatch(item)
    if repeated is None or item.startswith("["):
        return None
    names, is_negated = ((), True) if repeated["class"] == "." else _names(repeated["class"], item)
    if item.endswith("*"):
        return Gap(0, None, names, is_negated)
    if not repeated["fewest"] and not repeated["most"]:
        raise ArgumentError(f"pattern: {item!r} does not say how many steps; write '*', '{{2}}', '{{2,}}' or '{{0,3}}'")
    fewest = int(repeated["fewest"] or 0)
    most = fewest if repeated["comma"] is None else int(repeated["most"]) if repeated["most"] else None
    if most is not None and most < fewest:
        raise ArgumentError(f"pattern: {item!r} wants at least {fewest} steps and at most {most}")
    return Gap(fewest, most, names, is_negated)


def _position(item: str) -> Position:
    timed = TIMED.fullmatch(item)
    what = (timed["rest"] if timed else item).strip()
    at_least, at_most = _times(timed["time"], item) if timed else (None, None)
    if what in ("(start)", "(end)"):
        return Position(item, what[1:-1], at_least=at_least, at_most=at_most)
    names, is_negated = ((), True) if what == "." else _names(what, item)
    return Position(item, "step", names, is_negated, at_least=at_least, at_most=at_most)


def _names(text: str, item: str) -> tuple[tuple[str, ...], bool]:
    """Return the names of `cart`, `(cart|pay)`, `!cart` or `!(cart|pay)`, and whether all others are meant."""
    is_negated = text.startswith("!")
    text = text.removeprefix("!").strip()
    is_class = text.startswith("(") and text.endswith(")")
    names = [name.strip() for name in BAR.split(text[1:-1])] if is_class else [text]
    names = [name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name for name in names]
    if not all(names):
        raise ArgumentError(f"pattern: {item!r} lacks a name; write 'cart', '(cart|pay)', '!cart' or '.'")
    return tuple(names), is_negated


def _times(text: str, item: str) -> tuple[timedelta | None, timedelta | None]:
    """Return the shortest and the longest time that `<30m` or `>=1h,<2d` leaves."""
    limits: dict[str, timedelta] = {}
    for written in text.split(","):
        limit = LIMIT.fullmatch(written)
        if limit is None or limit["sign"][0] in limits:
            raise ArgumentError(f"pattern: {item!r}: '[{text}]' is no time; write '[<30m]', '[>=1h]' or '[>1h,<=2d]'")
        length = duration(limit["length"], f"pattern: {item!r}")
        strict = INSTANT if len(limit["sign"]) == 1 else timedelta(0)
        limits[limit["sign"][0]] = length - strict if limit["sign"][0] == "<" else length + strict
    return limits.get(">"), limits.get("<")
