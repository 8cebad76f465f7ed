"""The options of the radio groups that choose what a page shows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pipelines.wording import counted


def option(value: str, label: str, **more: Any) -> dict[str, Any]:
    """One option; `notes` and `marks` stand beside its label, `only` names the choices with which it is offered at all."""
    return {"value": value, "label": label, "notes": [], "marks": [], "only": {}} | more


def personas(labels: Mapping[str, str], found: Collection[str]) -> list[str]:
    """The personas to offer, everyone first: those found, where a workspace has any of its own.

    >>> personas({"(all)": "Everyone", "new": "Newcomers", "other": "Everyone else"}, ["new", "other"])
    ['(all)', 'new', 'other']
    >>> personas({"(all)": "Everyone", "other": "No persona"}, ["other"])
    ['(all)']
    """
    own = [persona for persona in labels if persona != "(all)" and persona in found]
    return ["(all)", *own] if own != ["other"] else ["(all)"]


def periods(period_days: int, order: Sequence[str]) -> list[dict[str, Any]]:
    """The periods in the given order; the first is chosen.

    >>> [one["label"] for one in periods(1, ["current", "all"])], [one["label"] for one in periods(28, ["all", "current"])]
    (['Latest day', 'All days'], ['All days', 'Latest 28 days'])
    """
    return [option(period, latest(period_days) if period == "current" else "All days") for period in order]


def latest(period_days: int) -> str:
    """Name the current period, as its option does.

    >>> latest(28), latest(1)
    ('Latest 28 days', 'Latest day')
    """
    return "Latest day" if period_days == 1 else f"Latest {counted(period_days, 'day')}"
