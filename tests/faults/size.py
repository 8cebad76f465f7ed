"""How much of each suite to run: little in `make test`, all of it in `make soak`, and N times as much with JOURNEYS_SOAK=N."""

import os

SOAK = int(os.environ.get("JOURNEYS_SOAK", "0"))


def rounds(few: int, many: int) -> range:
    """Number the rounds of a suite.

    >>> len(rounds(2, 100)) in (2, 100 * SOAK)
    True
    """
    return range(many * SOAK or few)
