"""Names that a caller gives: whether they can be names of the alphabet that is analysed."""

from collections.abc import Sequence
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
    found = analysis.con.execute("SELECT alphabet, name FROM alphabets").fetchall()
    there = sorted(found, key=lambda row: ALPHABETS.index(row[0]), reverse=True)  # of several, the coarsest is told
    known = {name for alphabet, name in there if alphabet == analysis.by} | set(analysis.order)
    others = {name: alphabet for alphabet, name in there if name not in known}
    needed = set(one_of) if known.isdisjoint(one_of) else set()
    for name in names:
        if name in others:
            kind = f"{'an' if others[name] == 'event' else 'a'} {others[name]}"
            raise ArgumentError(f"{what}: {name!r} is {kind}, no {analysis.by}; give by={others[name]!r}")
        is_refused = name in needed or bool(analysis.order) or bool(get_close_matches(name, known, n=1))
        if name not in known and is_refused:
            raise ArgumentError(f"{what}: {unknown_name(analysis.by, name, known)}")
