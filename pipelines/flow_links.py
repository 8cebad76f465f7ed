"""The flow of the diagram of a page: rare links share one way, and too few people are merged."""

from collections.abc import Iterable, Mapping

import pandas as pd

from journey_mining.flows.diagram import (
    ENDS,
    MORE,
    OTHER,
    OTHER_END,
    RARE,
    RARE_SHARE,
    START,
    Flow,
    Link,
    Node,
    Place,
    is_stage,
)

LINK = ["step", "source", "target"]
"""What names a link: the column it leaves, and the two nodes."""


def later(flow: Flow, column: int) -> Flow:
    """Return the same flow from a column on, to be drawn larger: what ended before is left out, no number changes."""
    nodes = tuple(n for n in flow.nodes if n.place[0] > column or (n.place[0] == column and n.place[1] not in ENDS))
    links = tuple(link for link in flow.links if link.source[0] >= column)
    return Flow(
        flow.n_journeys, flow.n_people, nodes, links, {step: rare for step, rare in flow.rare.items() if step >= column}
    )


def cut(ways: pd.DataFrame, max_visits: int) -> pd.DataFrame:
    """Return the ways of journeys up to `max_visits` visits; whoever goes on goes to `(more)`, and from there to its end.

    `ways` has one row per journey and step: person, step, source, target, end_name.

    >>> ways = pd.DataFrame({"person": 1, "step": [0, 1], "source": ["(start)", "x"], "target": ["x", "y"], "end_name": "(dropped)"})
    >>> cut(ways, 1)[["step", "source", "target"]].to_numpy().tolist()
    [[0, '(start)', 'x'], [1, 'x', '(more)'], [2, '(more)', '(dropped)']]
    """
    kept = ways[ways.step <= max_visits]
    goes_on = (kept.step == max_visits) & kept.target.map(is_stage)
    rest = kept[goes_on]
    ends = rest.assign(step=max_visits + 1, source=MORE, target=rest.end_name)
    return pd.concat([kept.assign(target=kept.target.mask(goes_on, MORE)), ends], ignore_index=True)


def with_ends(counts: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    """Add to the counted links (step, source, target, n_journeys) what became of those that go on after the last column."""
    ends = (
        ways[ways.source == MORE]
        .groupby(["step", "source", "target"], as_index=False)
        .size()
        .rename(columns={"size": "n_journeys"})
    )
    return pd.concat([counts, ends], ignore_index=True)


def too_few(people: Mapping[str, frozenset[int]], least: int) -> frozenset[str]:
    """Return the names to merge so that at least `least` people stand behind each name left and behind the merged.

    >>> sorted(too_few({"a": frozenset([1, 2, 3]), "b": frozenset([4]), "c": frozenset([5, 6, 7])}, 3))
    ['a', 'b']
    """
    ordered = sorted(people, key=lambda name: (len(people[name]), name))
    n_merged = sum(len(group) < least for group in people.values())
    while (
        0 < n_merged < len(ordered)
        and len(frozenset[int]().union(*(people[name] for name in ordered[:n_merged]))) < least
    ):
        n_merged += 1
    return frozenset(ordered[:n_merged])


def renamed(ways: pd.DataFrame, least: int) -> dict[Place, str] | None:
    """Return new names for what too few people visited, or None where even the sum of a column is too small."""
    people = ways.groupby(["step", "target"]).person.agg(frozenset)
    names: dict[Place, str] = {}
    for step in sorted(ways.step.unique()):
        column: pd.Series = people.loc[step]
        stages = {name: group for name, group in column.items() if is_stage(name)}
        ends = {name: group for name, group in column.items() if not is_stage(name)}
        for groups, merged in ((stages, OTHER), (ends, OTHER_END)):
            few = too_few(groups, least)
            together = frozenset[int]().union(*(groups[name] for name in few))
            if MORE in few or (few and len(together) < least):
                return None
            names |= {(int(step) + 1, name): merged for name in few}
    return names


def rare_links(links: pd.DataFrame, ways: pd.DataFrame, least: int) -> pd.Series:
    """Tell for each link (step, source, target, n_journeys, n_people) whether it goes by way of the node `(rare)`.

    Rare is a link below RARE_SHARE that is not the main way into or out of a node, and one that too few people took.
    Where too few are hidden behind a node, its next smallest link goes with them: no difference tells on anybody.
    """
    n_journeys = links.n_journeys[links.step == 0].sum()
    largest_out = links.groupby(["step", "source"]).n_journeys.transform("max")
    largest_in = links.groupby(["step", "target"]).n_journeys.transform("max")
    is_main = (links.n_journeys == largest_out) | (links.n_journeys == largest_in)
    is_few = links.n_people < least
    rare = is_few | ((links.n_journeys < RARE_SHARE * n_journeys) & ~is_main)
    is_alone = rare.groupby(links.step).transform("sum") == 1
    rare &= ~is_alone | is_few
    while len(exposed := _exposed(links, ways, rare, least)):
        rare.loc[exposed] = True
    return rare


def _exposed(links: pd.DataFrame, ways: pd.DataFrame, rare: pd.Series, least: int) -> pd.Index:
    """Return the smallest open link of each node behind which fewer than `least` people are hidden, but somebody is."""
    hidden = ways.merge(links.loc[rare, LINK])
    for side in ("source", "target"):
        few = hidden.groupby(["step", side]).person.nunique().loc[lambda n: n < least].index
        beside = links[~rare & links.set_index(["step", side]).index.isin(few)]
        smallest = beside.sort_values(["n_journeys", *LINK]).groupby(["step", side]).head(1).index
        if len(smallest):
            return smallest
    return links.index[:0]


def flow(counts: pd.DataFrame, ways: pd.DataFrame, names: Mapping[Place, str], least: int) -> Flow:
    """Make the diagram of `counts` (step, source, target, n_journeys) and of the people in `ways` behind them."""
    counts, ways = _under(counts, names), _under(ways, names)
    counts = counts.groupby(LINK, as_index=False).n_journeys.sum()
    links = counts.merge(ways.groupby(LINK, as_index=False).person.nunique().rename(columns={"person": "n_people"}))
    links["is_rare"] = rare_links(links, ways, least)
    ways = ways.merge(links[[*LINK, "is_rare"]])
    rare = links[links.is_rare].groupby("step").n_journeys.agg(["count", "sum"])
    return Flow(
        n_journeys=int(links.n_journeys[links.step == 0].sum()),
        n_people=int(ways.person.nunique()),
        nodes=tuple(_nodes(links, ways, names)),
        links=tuple(_links(links, ways)),
        rare={int(step): (int(n), int(total)) for step, n, total in rare.itertuples()},
    )


def _under(table: pd.DataFrame, names: Mapping[Place, str]) -> pd.DataFrame:
    """Return a table of steps under the new names."""
    sources = [names.get((step, name), name) for step, name in zip(table.step, table.source, strict=True)]
    targets = [names.get((step + 1, name), name) for step, name in zip(table.step, table.target, strict=True)]
    return table.assign(source=sources, target=targets)


def _nodes(links: pd.DataFrame, ways: pd.DataFrame, names: Mapping[Place, str]) -> Iterable[Node]:
    start = links[links.step == 0].n_journeys.sum()
    yield Node((0, START), int(start), int(ways.person.nunique()))
    people = ways.groupby(["step", "target"]).person.nunique()
    for (step, name), n in links.groupby(["step", "target"]).n_journeys.sum().items():
        members = tuple(sorted(old for (column, old), new in names.items() if (column, new) == (step + 1, name)))
        yield Node((int(step) + 1, name), int(n), int(people[step, name]), members)
    through = ways[ways.is_rare].groupby("step").person.nunique()
    for step, n in links[links.is_rare].groupby("step").n_journeys.sum().items():
        yield Node((int(step) + 0.5, RARE), int(n), int(through[step]))


def _links(links: pd.DataFrame, ways: pd.DataFrame) -> Iterable[Link]:
    for row in links[~links.is_rare].itertuples():
        yield Link((row.step, row.source), (row.step + 1, row.target), row.n_journeys, row.n_people)
    rare, rare_ways = links[links.is_rare], ways[ways.is_rare]
    for side in ("source", "target"):
        people = rare_ways.groupby(["step", side]).person.nunique()
        for (step, name), n in rare.groupby(["step", side]).n_journeys.sum().items():
            hub = (step + 0.5, RARE)
            source, target = ((step, name), hub) if side == "source" else (hub, (step + 1, name))
            yield Link(source, target, int(n), int(people[step, name]))
