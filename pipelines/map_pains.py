"""Pain points in words: what is worse, where, than what, and how certain that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.map_cells import SHOWN, Folded
from pipelines.pages import Figure
from pipelines.wording import and_people, change, counted, interval, measure, p_value

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Pain:
    """One pain point in words; those of one stage or KPI share a topic."""

    topic: tuple[str, str]
    rank: int
    """By what is at stake: among those of all journeys, or on one map that of its topic."""
    title: str
    short: str
    """The title where the stage is plain from the place."""
    figure: Figure
    who: str
    against: str
    difference: Figure
    interval: str
    p: str
    affected: Figure


def pain(
    row: Row, personas: Mapping[str, str], stages: Mapping[tuple[str, str], str], targets: Mapping[str, Row]
) -> Pain:
    """Say a pain point: what, how much, against whom, and how certain."""
    target = targets.get(row["kpi"] or "")
    unit = target["unit"] if target else "share"
    stage = stages.get((row["journey"], row["stage"]), row["stage"] or "")
    title = (target["label"] if target else row["kpi"]) if row["kind"] == "kpi" else f"Leaving for good at {stage}"
    key = {"pain_point_id": str(row["pain_point_id"])}
    other = "other personas" if row["compared_with"] == "other personas" else "the period before"
    n = f"n = {row['n_units']:,}{and_people(row['n_people'])}"
    return Pain(
        topic=(row["kpi"] or "", "" if row["kpi"] else row["stage"] or ""),
        rank=row["rank"],
        title=title,
        short="Leaving for good" if row["kind"] == "dropoff" else title,
        figure=Figure(
            measure(row["value"], unit),
            title,
            "pain_points",
            "value",
            key,
            row["value"],
            interval(row["low"], row["high"], unit),
            n,
        ),
        who=personas.get(row["persona"], row["persona"]),
        against=f"{measure(row['baseline_value'], unit)} {'among' if 'persona' in other else 'in'} {other}",
        difference=Figure(
            change(row["difference"], unit),
            f"{title}: difference from {other}",
            "pain_points",
            "difference",
            key,
            row["difference"],
            span(row["difference_low"], row["difference_high"], unit),
            f"{n}, against n = {row['baseline_n_units']:,}",
            f"{p_value(row['p_adjusted'])}, corrected for everything compared",
        ),
        interval=span(row["difference_low"], row["difference_high"], unit).removesuffix(" points"),
        p=p_value(row["p_adjusted"]),
        affected=Figure(
            counted(row["n_affected"], *_affected(row, target)),
            f"{title}: how many fared worse than at the baseline",
            "pain_points",
            "n_affected",
            key,
            row["n_affected"],
        ),
    )


def _affected(row: Row, target: Row | None) -> tuple[str, str]:
    """What a pain point's number counts: journeys that leave, cases of a rate, people of a mean or a median."""
    if row["kind"] == "dropoff":
        return "journey", "journeys"
    return ("case", "cases") if target and target["statistic"] == "rate" else ("person", "people")


def numbered(pains: Sequence[Pain]) -> list[Pain]:
    """Number the pain points of one map, the worst topic first; the same elsewhere has the number of its topic."""
    topics = list(dict.fromkeys(one.topic for one in sorted(pains, key=lambda one: one.rank)))
    return [replace(one, rank=topics.index(one.topic) + 1) for one in pains]


def headlines(pains: Sequence[Pain]) -> Folded:
    """The worst pain point of each topic; the same elsewhere or by another comparison is folded."""
    first = list({one.topic: one for one in reversed(pains)}.values())[::-1]
    shown = sorted(first, key=lambda one: one.rank)[:SHOWN]
    return Folded(shown, [one for one in pains if one not in shown], "")


def span(low: float | None, high: float | None, unit: str) -> str:
    """The interval of a difference.

    >>> span(0.082, 0.105, "share"), span(-0.01, 0.02, "share")
    ('+8.2 to +10.5 points', '−1.0 to +2.0 points')
    """
    if low is None or high is None:
        return ""
    return f"{change(low, unit).removesuffix(' points')} to {change(high, unit)}"
