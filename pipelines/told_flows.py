"""Which flow diagrams of a journey may stand side by side: no difference between them names a way of too few people.

Each diagram merges nodes and bundles links that are rare in it. But personas add up to `(all)`: what one persona hides
follows from the others if they tell it. So what is hidden, of all personas together, is again of k people: the smallest
persona that tells it hides it too. `flow_attack` then looks for what still follows; where it finds something, one more
link is bundled, or, where none is left to bundle, the diagram of the fewest journeys ends before that column.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from journey_mining.flows.diagram import MORE, RARE, Flow, is_stage
from pipelines.flow_attack import Pair, exposed, names_of
from pipelines.flow_links import cut
from pipelines.privacy import ALL

Key = tuple[int, str, str]
"""A link as it is drawn: the column it leaves, and its two nodes."""
Spot = tuple[int, str]
"""A node: its column and its name."""
Draw = Callable[[str, int, frozenset[Spot], frozenset[Key]], Flow | None]
"""Draws a persona's flow over so many visits, with these nodes merged and these links bundled at least; None where it
would be about too few people."""
People = Mapping[str, Mapping[Hashable, frozenset[int]]]


@dataclass(frozen=True)
class View:
    """One persona's diagram, over how many visits, and what it merges and bundles for the sake of the others."""

    persona: str
    n_visits: int
    drawn: Flow
    merged: frozenset[Spot] = frozenset()
    bundled: frozenset[Key] = frozenset()


Views = Mapping[str, View]


def told_flows(ways: pd.DataFrame, personas: Collection[str], max_visits: int, draw: Draw, k: int) -> dict[str, Flow]:
    """Draw the flows of one journey that may be told together, by persona.

    `ways` has one row per journey and step: persona, person, step, source, target, end_name.
    """
    views = {one: view for one in personas if (view := _longest(one, max_visits, frozenset(), frozenset(), draw))}
    at_node = _people(ways.assign(column=ways.step + 1), ["column", "target"])
    while more := _to_hide(at_node, {one: _spots(view.drawn) for one, view in views.items()}, k):
        views = _redrawn(
            {one: replace(view, merged=view.merged | more.get(one, set())) for one, view in views.items()}, views, draw
        )
    on_link = _people(ways, ["step", "source", "target"])
    while more := _to_hide(on_link, {one: _links(view.drawn) for one, view in views.items()}, k):
        views = _redrawn(
            {one: replace(view, bundled=view.bundled | more.get(one, set())) for one, view in views.items()},
            views,
            draw,
        )
    for step in range(max_visits + 1):
        here = ways[ways.step == step]
        while found := exposed(step, here, {one: v.drawn for one, v in views.items() if v.n_visits >= step}, k):
            views = _less(views, step, found, draw)
    for n in range(max_visits, 0, -1):
        ends = cut(ways, n)
        ends = ends[ends.source == MORE]
        while found := exposed(n + 1, ends, {one: v.drawn for one, v in views.items() if v.n_visits == n}, k):
            views = _less(views, n + 1, found, draw)
    return {persona: view.drawn for persona, view in views.items()}


def _longest(persona: str, n_visits: int, merged: frozenset[Spot], bundled: frozenset[Key], draw: Draw) -> View | None:
    """The diagram of a persona over as many visits as enough people stand behind, but no more than `n_visits`."""
    for n in range(n_visits, 0, -1):
        if drawn := draw(persona, n, merged, bundled):
            return View(persona, n, drawn, merged, bundled)
    return None


def _redrawn(wanted: Views, views: Views, draw: Draw) -> dict[str, View]:
    """Draw again what has to hide more; a diagram that cannot becomes shorter."""
    found = {
        one: view if view == views.get(one) else _longest(one, view.n_visits, view.merged, view.bundled, draw)
        for one, view in wanted.items()
    }
    return {one: view for one, view in found.items() if view}


def _people(ways: pd.DataFrame, names: list[str]) -> People:
    """The people of each persona and node, or each persona and link."""
    found: dict[str, dict[Hashable, frozenset[int]]] = {}
    for (persona, *thing), group in ways.groupby(["persona", *names]).person.agg(frozenset).items():
        found.setdefault(persona, {})[tuple(thing)] = group
        everybody = found.setdefault(ALL, {})
        everybody[tuple(thing)] = everybody.get(tuple(thing), frozenset()) | group
    return found


def _spots(drawn: Flow) -> set[Hashable]:
    """The nodes that stand for one name alone."""
    return {node.place for node in drawn.nodes if not node.members}


def _links(drawn: Flow) -> set[Hashable]:
    """The links that are drawn by themselves between such nodes."""
    alone = _spots(drawn)
    return {
        (link.source[0], link.source[1], link.target[1])
        for link in drawn.links
        if {link.source, link.target} <= alone and RARE not in (link.source[1], link.target[1])
    }


def _to_hide(people: People, shown: Mapping[str, set[Hashable]], k: int) -> dict[str, frozenset[Hashable]]:
    """What the smallest persona has to hide too, of what everybody's diagram shows and others hide of too few people."""
    found: dict[str, frozenset[Hashable]] = {}
    for thing in shown.get(ALL, set()):
        hidden = [
            group.get(thing, frozenset())
            for one, group in people.items()
            if one != ALL and thing not in shown.get(one, ())
        ]
        if 0 < len(frozenset[int]().union(*hidden)) < k:
            beside = [(one == ALL, len(people[one][thing]), one) for one, things in shown.items() if thing in things]
            *_, persona = min(beside)
            found[persona] = found.get(persona, frozenset()) | {thing}
    return found


def _less(views: Views, step: int, found: Collection[tuple[str, Pair]], draw: Draw) -> dict[str, View]:
    """Bundle one more link for each exposed way or, where there is none left, end one diagram earlier."""
    wanted = dict(views)
    for persona, pair in found:
        if beside := _beside(wanted, step, persona, pair):
            *_, one, key = min(beside)
            wanted[one] = replace(wanted[one], bundled=wanted[one].bundled | {key})
    if wanted != views:
        return _redrawn(wanted, views, draw)
    reach = [view for view in views.values() if view.n_visits >= step - 1]
    drawn = [view for view in reach if view.persona in {persona for persona, _ in found}] or reach
    least = min(drawn, key=lambda view: (view.persona == ALL, view.drawn.n_journeys, view.persona))
    shorter = _longest(least.persona, min(step, least.n_visits) - 1, least.merged, least.bundled, draw)
    return {one: view for one, view in views.items() if view is not least} | (
        {shorter.persona: shorter} if shorter else {}
    )


def _beside(views: Views, step: int, persona: str, pair: Pair) -> list[tuple[int, str, Key]]:
    """The links drawn that say most about a way: the same in any diagram; else, of its own persona and of
    everybody, one that shares a node with it, or any."""
    found: tuple[list[tuple[int, str, Key]], ...] = ([], [], [])
    for view in views.values():
        named = names_of(step, view.drawn, [pair[1]] if is_stage(pair[1]) else [])
        for link in view.drawn.links:
            key = (step, link.source[1], link.target[1])
            if link.source[0] != step or RARE in key or key in view.bundled:
                continue
            n_shared = (pair[0] in named[link.source]) + (pair[1] in named[link.target])
            if n_shared == 2 or view.persona in (persona, ALL):
                found[2 - n_shared].append((link.n_people, view.persona, key))
    return next(filter(None, found), [])
