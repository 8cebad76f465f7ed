"""Where the names of a graph of transitions stand, which ways between them are drawn, and what is told beside them."""

from collections.abc import Sequence
from contextlib import suppress
from textwrap import wrap

import pandas as pd

from journey_mining.figures import GREY, INK, label, percent
from journey_mining.transitions.transitions import ENDS

LONGEST = 24
"""Characters of a name in one line; a longer one goes on in the next."""
LEAST_ENDED = 0.01
"""The share of visits from which on it is told that journeys ended so; a touch tells all."""

TEXT_COLOURS = {"(success)": "#0F5C3A", "(active)": GREY, "(dropped)": "#A84300"}


def ordered_names(table: pd.DataFrame, order: Sequence[str] | None = None) -> list[str]:
    """Return `(start)` and the names of a table of transitions in the order they are drawn in.

    That is the order given, else that of the log (`attrs["order"]`); what neither knows comes after it. Without any, by
    how far from the start they come.

    >>> table = pd.DataFrame({"from": ["(start)", "b", "a"], "to": ["b", "a", "(end)"], "n_transitions": [2, 2, 2]})
    >>> ordered_names(table), ordered_names(table, ["a", "b"])
    (['(start)', 'b', 'a'], ['(start)', 'a', 'b'])
    """
    inner = table[~table["to"].isin(ENDS) & (table["from"] != table["to"])]
    known = list(order or table.attrs.get("order", ()))
    places = {name: place for place, name in enumerate(known)}
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_weighted_edges_from(inner[["from", "to", "n_transitions"]].itertuples(index=False))
    levels: dict[str, float] = {}
    with suppress(nx.NetworkXError):  # pruning may have left no way from the start: nothing tells who comes first
        levels = nx.trophic_levels(graph) if graph else {}
    names = {*table["from"], *inner["to"]} - {"(start)"}

    def place(name: str) -> tuple[int, float, str]:
        return places.get(name, len(places)), round(levels.get(name, 1e9), 9), name

    return ["(start)", *sorted(names, key=place)] if names else []


def drawn_ways(table: pd.DataFrame, coverage: float, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ways between two names that are drawn, and all there are, both with the most frequent first.

    Drawn are the `most` frequent that `coverage` of the transitions needs, and the main way to each name: none stands
    there as if nobody came.
    """
    ways = table[~table["to"].isin(ENDS) & (table["from"] != table["to"])].sort_values(
        "n_transitions", ascending=False, kind="stable"
    )
    before = ways["n_transitions"].cumsum() - ways["n_transitions"]
    frequent = (before < coverage * ways["n_transitions"].sum()) & (pd.Series(range(len(ways)), ways.index) < most)
    return ways[frequent | ~ways["to"].duplicated()], ways


def told_lines(name: str, table: pd.DataFrame) -> list[str]:
    """Return what stands beside a name: itself, its visits, where journeys end after them, how many it follows itself."""
    own = table[table["from"] == name].set_index("to")["probability"]
    ended = [(end, own[end]) for end in ENDS if end in own and own[end] >= LEAST_ENDED]
    again = f" · ↻ {percent(own[name])}" if name in own else ""
    return [
        *(f"<b>{label(line)}</b>" for line in wrap(name, LONGEST) or [""]),
        f"n = {n_visits(name, table):,}{again}",
        *(
            f'<span style="color:{TEXT_COLOURS.get(end, INK)}">{end[1:-1]} {percent(share)}</span>'
            for end, share in ended
        ),
    ]


def n_visits(name: str, table: pd.DataFrame) -> int:
    """Return how often mature journeys left a name, to go on or to end.

    Also where pruning left only some of its ways: a way's n is its probability times the visits to the name.

    >>> table = pd.DataFrame({"from": ["a"], "to": ["b"], "n_transitions": [3], "probability": [0.75], "probability_in": [0.6]})
    >>> n_visits("a", table), n_visits("b", table)
    (4, 5)
    """
    for side, share in (("from", "probability"), ("to", "probability_in")):
        ways = table[(table[side] == name) & (table["n_transitions"] > 0)]
        if len(ways):
            found: int = round(ways["n_transitions"].iloc[0] / ways[share].iloc[0])
            return found
    return 0
