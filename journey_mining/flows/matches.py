"""Where a pattern matches in journeys."""

import pandas as pd

from journey_mining.errors import ArgumentError
from journey_mining.flows.patterns import Position, positions
from journey_mining.names import require_steps
from journey_mining.steps import Opened


def find_matches(analysis: Opened, pattern: str) -> tuple[Position, ...]:
    """Make the table `matched`: each position of a pattern with all places it has in some match of the whole.

    A place is a journey_no and a visit_number. Raise `ArgumentError` for a name that no step has, and where nothing
    matches: a misspelt pattern must not pass for one that nobody follows.
    """
    wanted = positions(pattern)
    analysis.run("flows/alphabet")
    names = [name for position in wanted for name in (*position.names, *position.gap.names)]
    require_steps(analysis, "pattern", names)
    analysis.put("pattern", _table(wanted))
    is_timed = any(map(_is_timed, wanted))
    analysis.run("flows/pattern_names", {"is_timed": is_timed})
    for number, position in enumerate(wanted[1:], start=2):
        if is_adjacent(position):
            analysis.run("flows/pattern_adjacent", {"position": number, "n_steps": position.gap.fewest + 1})
        else:
            analysis.run("flows/pattern_next", {"position": number})
    analysis.run("flows/pattern_last", {"position": len(wanted)})
    for number in range(len(wanted) - 1, 0, -1):
        query = "flows/pattern_adjacent_back" if is_adjacent(wanted[number]) else "flows/pattern_back"
        analysis.run(query, {"position": number})
    _refuse_nothing(analysis, pattern, wanted)
    return wanted


def is_adjacent(position: Position) -> bool:
    """Tell whether the position before must be exactly so many steps earlier: then no order has to be searched."""
    is_any = position.gap.most == 0 or (not position.gap.names and position.gap.is_negated)
    return position.gap.most == position.gap.fewest and is_any and not _is_timed(position)


def _is_timed(position: Position) -> bool:
    return position.at_least is not None or position.at_most is not None


def _table(wanted: tuple[Position, ...]) -> pd.DataFrame:
    """Return the positions of a pattern as the table that the queries read."""
    rows = [
        {
            "position": number,
            "part": position.part,
            "kind": position.kind,
            "names": list(position.names),
            "is_negated": position.is_negated,
            "fewest": position.gap.fewest,
            "most": position.gap.most,
            "gap_names": list(position.gap.names),
            "is_gap_negated": position.gap.is_negated,
            "at_least": position.at_least,
            "at_most": position.at_most,
        }
        for number, position in enumerate(wanted, start=1)
    ]
    return pd.DataFrame(rows, dtype=object)


def _refuse_nothing(analysis: Opened, pattern: str, wanted: tuple[Position, ...]) -> None:
    """Raise `ArgumentError` where nothing matches, with the position that nothing comes to."""
    if analysis.con.execute("SELECT 1 FROM matched LIMIT 1").fetchall():
        return
    ((n_hopeful,),) = analysis.con.execute("SELECT count(*) FROM hopeful").fetchall()
    if not n_hopeful:
        raise ArgumentError(f"pattern: no journey matches {pattern!r}; none has all the names in it")
    reached = analysis.con.execute("SELECT position, count(DISTINCT journey_no) FROM places GROUP BY ALL ORDER BY ALL")
    position, n_journeys = reached.fetchall()[-1]
    raise ArgumentError(
        f"pattern: no journey matches {pattern!r}; of {n_hopeful} that have all the names in it, {n_journeys} come as far "
        f"as {wanted[position - 1].text!r}, none to {wanted[position].text!r}"
    )
