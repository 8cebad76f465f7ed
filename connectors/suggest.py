"""Help with a misspelt name."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Continue an error sentence with the nearest known name, if one is near.

    >>> did_you_mean("ammount", ["amount", "currency"])
    "; did you mean 'amount'?"
    >>> did_you_mean("zzz", ["amount"])
    '.'
    """
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else "."
