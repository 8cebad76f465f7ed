"""The best way to read a journey as its designed path."""

from collections.abc import Sequence


def aligned(path: Sequence[int], optional: Sequence[bool], repeatable: Sequence[bool]) -> tuple[int, ...]:
    """Return which visits of a journey are the designed path's, as places from 0.

    `path` are the visits to designed stages, each as the position of its stage in the design, from 1; the other two
    say of each position whether it may be left out, and visited again. The visits chosen are in the order of the
    design, and leave as little over as can be: each visit that is not chosen costs 1, and each position that is not
    optional and has no visit costs 1. It is the optimal alignment of process mining (Adriansyah, 2014) for a path
    without branches: the heaviest chain, where a visit weighs what it saves. Of several the one whose visits come
    first, compared one by one, is chosen.

    The journey returns to 1 before it goes on to 3; that costs less than to leave out the 2 between:

    >>> aligned([1, 2, 1, 3], optional=[False] * 3, repeatable=[False] * 3)
    (0, 1, 3)
    """
    # best[k]: what the heaviest chain weighs that begins with a visit to position k or a later one, and its places.
    # again[k]: the same for chains that begin with position k when it has had a visit already.
    empty = (0, ())
    n = len(optional)
    best: list[tuple[int, tuple[int, ...]]] = [empty] * (n + 2)
    again: list[tuple[int, tuple[int, ...]]] = [empty] * (n + 2)
    for place in range(len(path) - 1, -1, -1):
        position = path[place]
        after = best[position + 1]
        if repeatable[position - 1]:
            after = _better(again[position], after)
        saved = 1 if optional[position - 1] else 2
        found = (after[0] + saved, (place, *after[1]))
        if repeatable[position - 1]:
            again[position] = _better((after[0] + 1, (place, *after[1])), again[position])
        for earlier in range(position, 0, -1):
            best[earlier] = _better(found, best[earlier])
    return best[1][1]


def _better(one: tuple[int, tuple[int, ...]], other: tuple[int, tuple[int, ...]]) -> tuple[int, tuple[int, ...]]:
    """Return the heavier chain; of equals the one whose places come first."""
    if one[0] != other[0]:
        return one if one[0] > other[0] else other
    return min(one, other, key=lambda chain: chain[1])
