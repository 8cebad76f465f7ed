"""A KPI in words: its value against the target and against the period before. Shared by the map and the board."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.pages import Figure
from pipelines.wording import WITHHELD, and_people, change, counted, days, interval, measure

Row = Mapping[str, Any]

TARGETS = """
SELECT kpi, position, label, description, statistic, unit, direction, target, owner, stage, journey, missing_roles
FROM kpi_targets
ORDER BY position, kpi
"""

VERDICTS = ("missed", "missed, not certain", "met, not certain", "met", "not measured", "withheld", "no target")
"""What is said of a KPI, the worst first."""


@dataclass(frozen=True)
class KpiCard:
    """What a card says about one KPI, one persona, one period."""

    kpi: str
    label: str
    description: str
    owner: str
    figure: Figure
    interval: str
    target: str
    status: str
    """One of 'met', 'missed', 'not measured', 'no target', 'withheld'."""
    sign: str
    verdict: str
    note: str
    n: int
    counted: str
    waiting: str
    tail: str
    when: str
    change: str
    change_note: str
    is_of_all_days: bool
    """Whether this stands in for a current period without mature units."""


def kpi_card(target: Row, status: Row, previous: Row | None, period: str) -> KpiCard:
    """Say how a KPI stands in `period`; `status` is the row shown for it, `previous` that of the period before, if any."""
    if status.get("is_withheld"):
        status = {**status, "status": "withheld", "n_units": 0, "n_people": 0, "n_immature": 0}
    unit = target["unit"]
    difference, note = _change(target, status, previous)
    measured = status["value"] is not None
    return KpiCard(
        kpi=target["kpi"],
        label=target["label"],
        description=sentence_case(target["description"] or ""),
        owner=target["owner"] or "nobody named",
        figure=kpi_figure(target, status, note),
        interval=interval(status["low"], status["high"], unit),
        target=target_text(target["target"], target["direction"], unit),
        status=status["status"],
        sign=_sign(status),
        verdict=verdict(status),
        note="" if measured else why_not(target, status),
        n=status["n_units"],
        counted=f"{counted(status['n_units'], 'case')}{and_people(status['n_people'])}" if status["n_units"] else "",
        waiting=f"{status['n_immature']:,} not mature yet, kept out" if status["n_immature"] else "",
        tail=f"90th percentile {measure(status['p90'], unit)}" if status["p90"] is not None else "",
        when=days(status["first_on"], status["last_on"]),
        change=difference,
        change_note=note,
        is_of_all_days=status["period"] != period,
    )


def kpi_figure(target: Row, status: Row, before: str = "") -> Figure:
    """The KPI's value with its evidence."""
    return Figure(
        text=status["status"] if status["value"] is None else measure(status["value"], target["unit"]),
        what=target["label"],
        table="kpi_status",
        column="value",
        key={name: status[name] for name in ("kpi", "persona", "period")},
        value=status["value"],
        interval=interval(status["low"], status["high"], target["unit"]),
        counted=f"n = {status['n_units']:,}{and_people(status['n_people'])}, {days(status['first_on'], status['last_on'])}".removesuffix(
            ", "
        ),
        before=before,
    )


def target_text(target: float | None, direction: str, unit: str) -> str:
    """Write a target with its direction.

    >>> target_text(0.8, "lower", "share"), target_text(24, "lower", "hours"), target_text(4.2, "higher", "points")
    ('at most 80%', 'at most 24 h', 'at least 4.20')
    """
    if target is None:
        return "no target"
    return f"{'at most' if direction == 'lower' else 'at least'} {plain(target, unit)}"


def plain(target: float, unit: str) -> str:
    """Write a target without decimals that say nothing.

    >>> plain(0.8, "share"), plain(72, "hours"), plain(4, "points"), plain(0.925, "share")
    ('80%', '3 days', '4', '92.5%')
    >>> plain(0.9995, "share"), plain(100, "hours"), plain(0.5, "hours")
    ('99.95%', '100 h', '30 min')
    """
    if unit == "share":
        return f"{100 * target:.10g}%"
    if unit == "hours" and target >= 1 and target % 24:
        return f"{target:g} h"
    return re.sub(r"\.0+(?=%| |$)", "", measure(target, unit))


def why_not(target: Row, status: Row) -> str:
    """Why a KPI has no value.

    >>> why_not({"missing_roles": "rated, resolved"}, {"n_units": 0, "n_immature": 0})
    'no touchpoint has the role rated, resolved'
    >>> why_not({"missing_roles": None}, {"n_units": 0, "n_immature": 1643})
    'none of the 1,643 cases is mature yet'
    """
    if status.get("is_withheld"):
        return WITHHELD
    if target["missing_roles"]:
        return f"no touchpoint has the role {target['missing_roles']}"
    if status["n_units"]:
        return "the median lies beyond what was observed"
    if status["n_immature"]:
        return f"none of the {counted(status['n_immature'], 'case')} is mature yet"
    if status["n_immature"] is None:
        return "no case is mature yet, or too few to tell"
    return "nothing to count in this period"


def best_period(rows: Mapping[str, Row], period: str) -> Row | None:
    """The row of a period; where 'current' has no mature unit, that of 'all'; what is withheld may have some.

    >>> best_period({"current": {"n_units": 0}, "all": {"n_units": 9}}, "current")
    {'n_units': 9}
    >>> best_period({"current": {"n_units": None, "is_withheld": True}, "all": {"n_units": 9}}, "current")
    {'n_units': None, 'is_withheld': True}
    """
    row, everything = rows.get(period), rows.get("all")
    if row is None or (not row["n_units"] and not row.get("is_withheld") and everything and everything["n_units"]):
        return everything
    return row


def sentence_case(text: str) -> str:
    """Begin with a capital, end with a full stop.

    >>> sentence_case("one row per search")
    'One row per search.'
    """
    return text and text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _sign(status: Row) -> str:
    if status["status"] not in ("met", "missed"):
        return "unmeasured"
    return status["status"] if status["is_certain"] else "unsure"


def verdict(status: Row) -> str:
    """The status, and how certain it is.

    >>> verdict({"status": "missed", "is_certain": False})
    'missed, not certain'
    """
    if status["status"] not in ("met", "missed") or status["is_certain"]:
        return str(status["status"])
    return f"{status['status']}, not certain"


def _change(target: Row, status: Row, previous: Row | None) -> tuple[str, str]:
    """The difference from the period before, and what may be concluded from it."""
    if status["period"] != "current" or status["value"] is None:
        return "", ""
    if previous is not None and previous.get("is_withheld"):
        return "", "The period before is withheld."
    if previous is None or not previous["n_units"]:
        return "", "The period before was not measured."
    if previous["value"] is None:
        return "", "The median of the period before lay beyond what was observed."
    difference = status["value"] - previous["value"]
    better = difference > 0 if target["direction"] == "higher" else difference < 0
    word = "" if difference == 0 else ", better" if better else ", worse"
    before = f"From {measure(previous['value'], target['unit'])} in {days(previous['first_on'], previous['last_on'])}"
    return f"{change(difference, target['unit'])}{word}", f"{before}; {overlap(status, previous)}"


def overlap(status: Row, previous: Row) -> str:
    """Whether two intervals overlap, in words.

    >>> overlap({"low": 0.1, "high": 0.2}, {"low": 0.15, "high": 0.3})
    'the intervals overlap, so it may be chance.'
    """
    edges = (status["low"], status["high"], previous["low"], previous["high"])
    if None in edges:
        return "without intervals nothing more can be said."
    if status["low"] <= previous["high"] and previous["low"] <= status["high"]:
        return "the intervals overlap, so it may be chance."
    return "the intervals do not overlap."
