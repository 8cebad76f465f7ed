"""The numbers beside the flow diagram and in the funnel, as rows of texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey_mining.flows.diagram import RARE_SHARE, Flow
from pipelines.figures import Stage, column_name, node_label, ordinal
from pipelines.wording import count, counted, duration, interval, percent

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One link of the diagram, as texts."""

    column: str
    source: str
    target: str
    n_journeys: str
    n_people: str
    share_of_source: str
    share_of_all: str


@dataclass(frozen=True)
class Rung:
    """One stage of the funnel, as texts; `width` and `width_before` are shares of the first stage in percent."""

    label: str
    colour: str
    n_journeys: str
    n_people: str
    share_of_first: str
    share_of_previous: str
    interval: str
    n_previous: str
    n_lost: str
    median: str
    width: float
    width_before: float


def steps_of(drawn: Flow, stages: Mapping[str, Stage]) -> list[Step]:
    """Return every link of the diagram, column by column, the largest first."""
    nodes = {node.place: node for node in drawn.nodes}
    return [
        Step(
            column_name(link.source),
            node_label(nodes[link.source], stages),
            node_label(nodes[link.target], stages),
            count(link.n_journeys),
            count(link.n_people),
            percent(link.n_journeys / nodes[link.source].n_journeys),
            percent(link.n_journeys / drawn.n_journeys),
        )
        for link in sorted(drawn.links, key=lambda link: (link.source[0], -link.n_journeys, link.source, link.target))
    ]


def rungs_of(found: Sequence[Row], stages: Mapping[str, Stage]) -> list[Rung]:
    """Return the funnel from its first stage as far as enough people came: rows after a withheld one are left out."""
    told: list[Row] = []
    for row in found:
        if row["is_withheld"] or not row["n_journeys"]:
            break
        told.append(row)
    return [_rung(row, told[number - 1] if number else None, stages[row["stage"]]) for number, row in enumerate(told)]


def _rung(row: Row, before: Row | None, stage: Stage) -> Rung:
    width = round(100 * row["share_of_first"], 3)
    reached = {
        "label": stage.label,
        "colour": stage.colour,
        "n_journeys": count(row["n_journeys"]),
        "n_people": count(row["n_people"]),
        "share_of_first": percent(row["share_of_first"]),
        "width": width,
    }
    if before is None:
        return Rung(
            **reached, share_of_previous="", interval="", n_previous="", n_lost="", median="", width_before=width
        )
    return Rung(
        **reached,
        share_of_previous=percent(row["share_of_previous"]),
        interval=interval(row["low"], row["high"]),
        n_previous=count(before["n_journeys"]),
        n_lost=count(row["n_lost"]),
        median="" if row["median_seconds"] is None else duration(row["median_seconds"]),
        width_before=round(100 * before["share_of_first"], 3),
    )


def flow_text(drawn: Flow, stages: Mapping[str, Stage]) -> str:
    """Return the diagram in two sentences: where journeys start, and where they are after one visit."""

    def shares(column: int) -> str:
        nodes = sorted((node for node in drawn.nodes if node.place[0] == column), key=lambda node: -node.n_journeys)
        return ", ".join(f"{node_label(node, stages)} {percent(node.n_journeys / drawn.n_journeys)}" for node in nodes)

    return f"{counted(drawn.n_journeys, 'journey')}. They start in: {shares(1)}. After one visit: {shares(2)}."


def rare_text(drawn: Flow) -> str:
    """Return how many rare links the diagram bundles, and the share of journeys they add up to."""
    if not drawn.rare:
        return ""
    n_links = sum(n for n, _ in drawn.rare.values())
    each = ", ".join(
        f"{percent(n / drawn.n_journeys)} after the {ordinal(step)} visit"
        for step, (_, n) in sorted(drawn.rare.items())
    )
    return (
        f"The grey (other) between two columns bundles {counted(n_links, 'rare way')}: below {RARE_SHARE:.1%} of all journeys,"
        f" of too few people, or the next smallest to these. Together: {each}."
    )


def window_text(seconds: int) -> str:
    """Write the time within which journeys count.

    >>> window_text(604800), window_text(5400)
    ('7 days', '1 h 30 min')
    """
    whole_days, rest = divmod(seconds, 86400)
    return duration(seconds) if rest else counted(whole_days, "day")
