"""What can go wrong here, each with a message that says what, where, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral


class JourneyMiningError(Exception):
    """The base of every error this package raises on purpose."""


class StepsError(JourneyMiningError):
    """The table handed over cannot be read as what the function needs."""


class ArgumentError(JourneyMiningError):
    """An argument beside the table makes no sense."""


class LimitError(JourneyMiningError):
    """What was asked needs more memory at once than the log may take."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> str:
    """Return a sentence on a name that is not there: the nearest one that is, and all there are.

    >>> unknown_name("column", "stage", ["stages", "step_number"])
    "no column 'stage'; did you mean 'stages'? There are: stages, step_number"
    >>> unknown_name("column", "stage", [])
    "no column 'stage'; there are none"
    """
    there = sorted(known)
    if not there:
        return f"no {kind} {name!r}; there are none"
    nearest = get_close_matches(str(name), there, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else "."
    return f"no {kind} {name!r}{hint} There are: {', '.join(there)}"


def first_line(error: BaseException) -> str:
    r"""Return the first line of an error's text; what follows of DuckDB's is SQL of ours.

    >>> first_line(ValueError("no column x\nLINE 8: ..."))
    'no column x'
    """
    return (str(error).splitlines() or [type(error).__name__])[0]


def require_whole(least: int, **numbers: object) -> None:
    """Raise `ArgumentError` for the first of some numbers, under their names, that is no whole one or too small.

    >>> require_whole(1, top=20)
    >>> require_whole(1, top=0)
    Traceback (most recent call last):
    journey_mining.errors.ArgumentError: top: at least 1, not 0; give a whole number
    """
    for name, number in numbers.items():
        if not isinstance(number, Integral) or isinstance(number, bool) or number < least:
            raise ArgumentError(f"{name}: at least {least}, not {number!r}; give a whole number")


def require_columns(table: str, needed: Iterable[str], found: Iterable[str]) -> None:
    """Raise `StepsError` for the first needed column which a table lacks.

    >>> require_columns("steps", ["stage"], ["stage", "touchpoint"])
    >>> require_columns("steps", ["outcome"], ["outcomes"])
    Traceback (most recent call last):
    journey_mining.errors.StepsError: steps: no column 'outcome'; did you mean 'outcomes'? There are: outcomes
    """
    there = list(found)
    for name in needed:
        if name not in there:
            raise StepsError(f"{table}: {unknown_name('column', name, there)}")
