"""What the flow diagrams of several personas say together of a way that none of them names.

Of the links out of one column a diagram tells those it draws, and of those it bundles what comes out of each node and
into each. Personas add up to `(all)`. A linear program tells how many each single way could be, for all of that.
"""

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from journey_mining.flows.diagram import MORE, RARE, Flow, Place, is_stage
from pipelines.privacy import ALL
from pipelines.told_ways import Sum, is_way, out_of_reach

Pair = tuple[str, str]
"""The names a link goes between, as they are before any are merged."""


def exposed(step: int, ways: pd.DataFrame, flows: Mapping[str, Flow], k: int) -> list[tuple[str, Pair]]:
    """The ways of few people out of one column that the diagrams say are fewer than k, each with whose it is."""
    sources, personas = sorted({*ways.source}), sorted({*ways.persona})
    targets = sorted({*ways.target, *ways.end_name})
    pairs = [(source, target) for source in sources for target in targets if is_way(source, target)]
    sums: list[Sum] = [
        ([(one, *pair) for one in (personas if persona == ALL else [persona]) for pair in parts], n)
        for persona, drawn in flows.items()
        for parts, n in _told(step, drawn, pairs)
    ]
    found = ways.groupby(["persona", "source", "target"]).person.agg(["size", "nunique"])
    rare = {cell: max(k, size + 1) for cell, size, n in found.itertuples() if n < k}
    if not sums or not rare:
        return []
    cells = list(rare)
    return [
        (cells[number][0], cells[number][1:])
        for number in sorted(out_of_reach(sums, [([cell], wanted) for cell, wanted in rare.items()]))
    ]


def _told(step: int, drawn: Flow, pairs: Collection[Pair]) -> Iterator[tuple[list[Pair], int]]:
    """What a diagram tells of the links out of one column: of which of them it tells the sum, and how many that is."""
    links = [link for link in drawn.links if int(link.source[0]) == step]
    named = names_of(step, drawn, [target for _, target in pairs if is_stage(target)])
    direct = {
        (link.source, link.target): {(a, b) for a in named[link.source] for b in named[link.target]}
        for link in links
        if RARE not in (link.source[1], link.target[1])
    }
    apart = {pair for parts in direct.values() for pair in parts}
    bundled = [pair for pair in pairs if pair not in apart]
    for link in links:
        ends = (link.source, link.target)
        if ends in direct:
            yield [pair for pair in pairs if pair in direct[ends]], link.n_journeys
    for side, column in ((0, step), (1, step + 1)):
        through = {place: 0 for link in links if (place := (link.source, link.target)[side])[0] == column}
        for link in links:
            if (ends := (link.source, link.target)) not in direct and ends[side] in through:
                through[ends[side]] += link.n_journeys
        for place, n in through.items():
            if parts := [pair for pair in bundled if pair[side] in named[place]]:
                yield parts, n
        known = {name for place in through for name in named[place]}
        if parts := [pair for pair in bundled if pair[side] not in known]:
            yield parts, 0


def names_of(step: int, drawn: Flow, stages: Collection[str]) -> dict[Place, Collection[str]]:
    """What each node stands for, when the links out of a column are looked at: `(more)` for every stage behind it."""
    return {
        node.place: stages if node.place == (step + 1, MORE) else node.members or (node.place[1],)
        for node in drawn.nodes
    }
