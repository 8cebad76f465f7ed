"""The flow of the diagram of a page: rare links share one way, and too few people are merged."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
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
from pipelines.warehouse import run_all

LINK = ["step", "source", "target"]
"""What names a link: the column it leaves, and the two nodes."""
DRAWN = (Path(__file__).parent / "flow_drawn.sql").read_text(encoding="utf-8")
LINKS = "SELECT step, source, target, n_journeys, n_people FROM drawn_links ORDER BY step, source, target"
FEW_ON_LINKS = """
SELECT step, source, target, kind, n_people
FROM drawn SEMI JOIN (FROM drawn_links WHERE n_people < $least) AS few USING (step, source, target)
"""
NODES = "SELECT step, target, n_people FROM drawn_nodes ORDER BY step, target"
FEW_AT_NODES = """
SELECT step, target, kind, n_people
FROM drawn SEMI JOIN (FROM drawn_nodes WHERE n_people < $least) AS few USING (step, target)
"""
PEOPLE = "SELECT CAST(sum(n_people) AS BIGINT) FROM (SELECT DISTINCT kind, n_people FROM drawn)"
ON_RARE_LINKS = """
SELECT step, source, target, CAST(sum(n_people) AS BIGINT) AS n_people
FROM (
    SELECT step, source, target, kind, n_people
    FROM drawn SEMI JOIN rare_links USING (step, source, target)
    GROUP BY GROUPING SETS ((step, kind, n_people), (step, source, kind, n_people), (step, target, kind, n_people))
)
GROUP BY step, source, target
"""


def later(flow: Flow, column: int) -> Flow:
    """Return the same flow from a column on, to be drawn larger: what ended before is left out, no number changes."""
    nodes = tuple(n for n in flow.nodes if n.place[0] > column or (n.place[0] == column and n.place[1] not in ENDS))
    links = tuple(link for link in flow.links if link.source[0] >= column)
    return Flow(
        flow.n_journeys, flow.n_people, nodes, links, {step: rare for step, rare in flow.rare.items() if step >= column}
    )


def flow(con: duckdb.DuckDBPyConnection, persona: str, n_visits: int, least: int) -> Flow | None:
    """Return the flow of a persona over so many visits, from the table `ways`; None where too few people are in a column.

    People are counted in DuckDB; only the kinds of people behind numbers smaller than `least` are looked at one by one.
    """
    _draw(con, persona, n_visits, {})
    if (names := renamed(con, least)) is None:
        return None
    if names:
        _draw(con, persona, n_visits, names)
    links = con.execute(LINKS).df()
    links["is_rare"] = rare_links(links, con.execute(FEW_ON_LINKS, {"least": least}).df(), least)
    through = _people_on(con, links[links.is_rare])
    rare = links[links.is_rare].groupby("step").n_journeys.agg(["count", "sum"])
    (n_people,) = con.execute(PEOPLE).fetchall()[0]
    return Flow(
        n_journeys=int(links.n_journeys[links.step == 0].sum()),
        n_people=n_people,
        nodes=tuple(_nodes(links, con.execute(NODES).df(), n_people, through, names)),
        links=tuple(_links(links, through)),
        rare={int(step): (int(n), int(total)) for step, n, total in rare.itertuples()},
    )


def _draw(con: duckdb.DuckDBPyConnection, persona: str, n_visits: int, names: Mapping[Place, str]) -> None:
    """Make the tables of flow_drawn.sql."""
    rows = [(int(place), name, new_name) for (place, name), new_name in names.items()]
    columns = {"place": "int64", "name": "str", "new_name": "str"}
    con.register("new_names", pd.DataFrame(rows, columns=list(columns)).astype(columns))
    run_all(con, DRAWN, {"persona": persona, "n_visits": n_visits})
    con.unregister("new_names")


def _people_on(con: duckdb.DuckDBPyConnection, rare: pd.DataFrame) -> dict[tuple[int, str | None, str | None], int]:
    """Return how many people went by a rare link after a column: in all, and by where they came from and went to."""
    con.register("rare_links", rare[LINK])
    found = con.execute(ON_RARE_LINKS).fetchall()
    con.unregister("rare_links")
    return {(step, source, target): n for step, source, target, n in found}


def too_few(n_people: Mapping[str, int], n_together: int, least: int) -> frozenset[str] | None:
    """Return the names to merge so that at least `least` people stand behind each name left and behind the merged.

    `n_people` says how many people stand behind each name, `n_together` how many behind all those with fewer than
    `least`. None where all names together are about fewer.

    >>> sorted(too_few({"a": 2, "b": 1, "c": 4}, 3, 4))
    ['a', 'b', 'c']
    """
    ordered = sorted(n_people, key=lambda name: (n_people[name], name))
    n_merged = sum(n < least for n in n_people.values())
    if n_merged > 0 and n_together < least:
        n_merged += 1
    return frozenset(ordered[:n_merged]) if n_merged <= len(ordered) else None


def renamed(con: duckdb.DuckDBPyConnection, least: int) -> dict[Place, str] | None:
    """Return new names for what too few people visited, or None where even the sum of a column is too small."""
    nodes, few = con.execute(NODES).df(), con.execute(FEW_AT_NODES, {"least": least}).df()
    for table in (nodes, few):
        table["is_stage"] = table.target.map(is_stage)
    together = few.drop_duplicates(["step", "is_stage", "kind"]).groupby(["step", "is_stage"]).n_people.sum()
    names: dict[Place, str] = {}
    for (step, is_of_stages), column in nodes.groupby(["step", "is_stage"]):
        sizes = column.set_index("target").n_people.to_dict()
        found = too_few(sizes, together.get((step, is_of_stages), 0), least)
        if found is None or MORE in found:
            return None
        names |= {(int(step) + 1, name): OTHER if is_of_stages else OTHER_END for name in found}
    return names


def rare_links(links: pd.DataFrame, few: pd.DataFrame, least: int) -> pd.Series:
    """Tell for each link (step, source, target, n_journeys, n_people) whether it goes by way of the node `(rare)`.

    Rare is a link below RARE_SHARE that is not the main way into or out of a node, and one that too few people took.
    Where too few are hidden behind a node, its next smallest link goes with them: no difference tells on anybody.
    `few` says which kinds of people took the links that fewer than `least` took: step, source, target, kind, n_people.
    """
    n_journeys = links.n_journeys[links.step == 0].sum()
    largest_out = links.groupby(["step", "source"]).n_journeys.transform("max")
    largest_in = links.groupby(["step", "target"]).n_journeys.transform("max")
    is_main = (links.n_journeys == largest_out) | (links.n_journeys == largest_in)
    is_few = links.n_people < least
    rare = is_few | ((links.n_journeys < RARE_SHARE * n_journeys) & ~is_main)
    is_alone = rare.groupby(links.step).transform("sum") == 1
    rare &= ~is_alone | is_few
    while len(exposed := _exposed(links, few, rare, least)):
        rare.loc[exposed] = True
    return rare


def _exposed(links: pd.DataFrame, few: pd.DataFrame, rare: pd.Series, least: int) -> pd.Index:
    """Return the smallest open link of each node behind which fewer than `least` people are hidden, but somebody is."""
    hidden = links[rare]
    for side in ("source", "target"):
        people = few.merge(hidden[LINK]).drop_duplicates(["step", side, "kind"]).groupby(["step", side]).n_people.sum()
        is_enough = (hidden.n_people >= least).groupby([hidden.step, hidden[side]]).any()
        short = people[(people < least) & ~is_enough.reindex(people.index)].index
        beside = links[~rare & links.set_index(["step", side]).index.isin(short)]
        smallest = beside.sort_values(["n_journeys", *LINK]).groupby(["step", side]).head(1).index
        if len(smallest):
            return smallest
    return links.index[:0]


def _nodes(
    links: pd.DataFrame,
    nodes: pd.DataFrame,
    n_people: int,
    through: Mapping[tuple[int, str | None, str | None], int],
    names: Mapping[Place, str],
) -> Iterable[Node]:
    start = links[links.step == 0].n_journeys.sum()
    yield Node((0, START), int(start), n_people)
    people = nodes.set_index(["step", "target"]).n_people
    for (step, name), n in links.groupby(["step", "target"]).n_journeys.sum().items():
        members = tuple(sorted(old for (column, old), new in names.items() if (column, new) == (step + 1, name)))
        yield Node((int(step) + 1, name), int(n), int(people[step, name]), members)
    for step, n in links[links.is_rare].groupby("step").n_journeys.sum().items():
        yield Node((int(step) + 0.5, RARE), int(n), through[step, None, None])


def _links(links: pd.DataFrame, through: Mapping[tuple[int, str | None, str | None], int]) -> Iterable[Link]:
    for row in links[~links.is_rare].itertuples():
        yield Link((row.step, row.source), (row.step + 1, row.target), row.n_journeys, row.n_people)
    rare = links[links.is_rare]
    for (step, name), n in rare.groupby(["step", "source"]).n_journeys.sum().items():
        yield Link((step, name), (step + 0.5, RARE), int(n), through[step, name, None])
    for (step, name), n in rare.groupby(["step", "target"]).n_journeys.sum().items():
        yield Link((step + 0.5, RARE), (step + 1, name), int(n), through[step, None, name])
