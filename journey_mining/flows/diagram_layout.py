"""Where the nodes of the flow diagram stand, so that height is volume, labels stay apart, and no stage changes its order."""

from collections.abc import Mapping, Sequence
from math import floor

from journey_mining.flows.diagram import ENDS, MORE, OTHER, RARE, START, Flow, Node, Place

SLOT, GAP, GULF = 17.0, 5.0, 24.0
"""Pixels: a node has room for its label however few journeys it holds, air to the next; a gulf parts the ends from the stages."""
FIRST_STRIDE, LAST_STRIDE, HUB = 0.75, 1.75, 0.42
"""Widths of columns: the start has a short label, the last column has its labels on the left; where the rare links meet."""


def layout(flow: Flow, order: Sequence[str], height: float) -> tuple[dict[Place, tuple[float, float]], float]:
    """Return the centre of each node (x, y within 0.001..0.999) and the `pad` that makes Plotly draw to our scale.

    A column is a step. Stages stand in their order from the top, the ends below them, the dropped lowest: height is volume.
    Between them is the gulf, where the rare links of the column meet: no label is in their way.
    """
    columns = _columns(flow, order)
    scale, pad = _scale(flow, columns, height)
    gulfs = {column: _gulf(nodes, scale) for column, nodes in columns.items()}
    centres: dict[Place, tuple[float, float]] = {}
    for column, nodes in columns.items():
        stages, ends, hubs = _parted(nodes)
        floor = _stack(stages, scale)
        placed = [*_packed(stages, 0, scale), *_packed(ends, floor + gulfs[column], scale)]
        placed += [(hub, floor + gulfs[column] / 2) for hub in hubs]
        for node, y in placed:
            centres[node.place] = (_inside(across(flow, node.place[0])), _inside(y / height))
    return centres, pad


def across(flow: Flow, column: float) -> float:
    """Return where a column stands, from 0 at the first to 1 at the last."""
    first, last = flow.columns
    stride = FIRST_STRIDE if first == 0 else 1.0

    def left(whole: int) -> float:
        return 0.0 if whole == first else stride + whole - first - 1 + (LAST_STRIDE - 1 if whole == last else 0)

    whole = floor(column)
    return (left(whole) + (HUB if column != whole else 0)) / left(last)


def units(flow: Flow) -> float:
    """Return the width of a flow in columns."""
    first, last = flow.columns
    return (FIRST_STRIDE if first == 0 else 1.0) + last - first - 2 + LAST_STRIDE


def _inside(share_of_axis: float) -> float:
    """Plotly ignores a position of exactly 0 and clips one outside."""
    return round(min(max(share_of_axis, 0.001), 0.999), 5)


def _columns(flow: Flow, order: Sequence[str]) -> dict[int, list[Node]]:
    rank = {name: position for position, name in enumerate((START, MORE, *order, OTHER, RARE, *ENDS))}
    columns: dict[int, list[Node]] = {}
    for node in sorted(flow.nodes, key=lambda node: rank[node.place[1]]):
        columns.setdefault(floor(node.place[0]), []).append(node)
    return dict(sorted(columns.items()))


def _parted(nodes: Sequence[Node]) -> tuple[list[Node], list[Node], list[Node]]:
    """Return the stages, the ends, and where rare links meet, of one column."""
    hubs = [node for node in nodes if node.place[1] == RARE]
    ends = [node for node in nodes if node.place[1] in ENDS]
    return [node for node in nodes if node not in hubs and node not in ends], ends, hubs


def _gulf(nodes: Sequence[Node], scale: float) -> float:
    """Return the height between the stages of a column and its ends; without stages there is nothing to part."""
    stages, _, hubs = _parted(nodes)
    return GULF + sum(hub.n_journeys * scale for hub in hubs) if stages else 0.0


def _scale(flow: Flow, columns: Mapping[int, list[Node]], height: float) -> tuple[float, float]:
    """Return the largest scale (pixels per journey) at which every column fits, and the pad that makes Plotly choose it.

    Plotly takes the largest scale at which each rank of nodes fits with `pad` between them; a rank is the length of
    the longest way to a node. Where no rank has two nodes, no pad can keep Plotly from filling the height.
    """
    depth = dict.fromkeys((node.place for node in flow.nodes), 0)
    for link in sorted(flow.links, key=lambda link: link.source[0]):
        depth[link.target] = max(depth[link.target], depth[link.source] + 1)
    ranks: dict[int, list[int]] = {}
    for node in flow.nodes:
        ranks.setdefault(depth[node.place], []).append(node.n_journeys)
    crowded = [n for n in ranks.values() if len(n) > 1]
    scale = height / max(node.n_journeys for node in flow.nodes)
    while crowded and any(_needed(nodes, scale) > height for nodes in columns.values()):
        scale *= 0.99
    return scale, min(((height - scale * sum(n)) / (len(n) - 1) for n in crowded), default=0.0)


def _needed(nodes: Sequence[Node], scale: float) -> float:
    stages, ends, _ = _parted(nodes)
    return _stack(stages, scale) + _gulf(nodes, scale) + _stack(ends, scale)


def _stack(nodes: Sequence[Node], scale: float) -> float:
    return sum(max(node.n_journeys * scale, SLOT) + GAP for node in nodes)


def _packed(nodes: Sequence[Node], top: float, scale: float) -> list[tuple[Node, float]]:
    placed = []
    for node in nodes:
        slot = max(node.n_journeys * scale, SLOT)
        placed.append((node, top + slot / 2))
        top += slot + GAP
    return placed
