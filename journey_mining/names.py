"""Names that a caller gives: whether they can be names of the alphabet that is analysed."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from journey_mining.errors import ArgumentError, unknown_name
from journey_mining.prepared import ALPHABETS
from journey_mining.steps import Opened


def require_names(analysis: Opened, what: str, names: Sequence[str], one_of: Sequence[str] = ()) -> None:
    """Raise `ArgumentError` for the first of some names that is none of the alphabet analysed.

    A name is known if a step has it, or had it before the log was narrowed, or if it is designed. Where it is known
    what is designed, no other name can be meant. Where it is not, nobody may have come there yet: then what is refused
    is a name of another alphabet, one that is nearly a known one, and the names of `one_of` if none of them is known.
    """
    there = _every_name(analysis)
    known = {name for alphabet, name in there if alphabet == analysis.by} | set(analysis.order)
    needed = set(one_of) if known.isdisjoint(one_of) else set()
    for name in names:
        _refuse_others(analysis, what, name, known, there)
        is_refused = name in needed or bool(analysis.order) or bool(get_close_matches(name, known, n=1))
        if name not in known and is_refused:
            raise ArgumentError(f"{what}: {unknown_name(analysis.by, name, known)}")


def require_steps(analysis: Opened, what: str, names: Sequence[str]) -> None:
    """Raise `ArgumentError` for the first of some names that no step has."""
    found = analysis.con.execute("SELECT DISTINCT name::VARCHAR FROM visits").fetchall()
    known = {name for (name,) in found}
    for name in names:
        if name not in known:
            _refuse_others(analysis, what, name, known, _every_name(analysis))
            raise ArgumentError(f"{what}: {unknown_name(analysis.by, name, known)}")


def _every_name(analysis: Opened) -> list[tuple[str, str]]:
    """Return all names with their alphabets, the coarsest last."""
    found = analysis.con.execute("SELECT alphabet, name FROM alphabets").fetchall()
    return sorted(found, key=lambda row: ALPHABETS.index(row[0]), reverse=True)


def _refuse_others(
    analysis: Opened, what: str, name: str, known: Collection[str], there: Sequence[tuple[str, str]]
) -> None:
    """Raise `ArgumentError` for a name of another alphabet than the one analysed."""
    others = {name: alphabet for alphabet, name in there if name not in known}
    if name in others:
        kind = f"{'an' if others[name] == 'event' else 'a'} {others[name]}"
        raise ArgumentError(f"{what}: {name!r} is {kind}, no {analysis.by}; give by={others[name]!r}")
