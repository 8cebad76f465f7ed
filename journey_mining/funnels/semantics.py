"""The rules by which other tools count, as presets of our own."""

from datetime import datetime
from typing import Any, Literal, TypeAlias

Semantics: TypeAlias = Literal["posthog", "mixpanel", "amplitude", "clickhouse", "umami"]

NOBODY_IS_OPEN = {"as_of": datetime.max}
"""None of them sets aside who entered too lately to have had the whole window."""
OF_PEOPLE = {"count": "people"}
"""A person is one sequence of events, counted once; the other tools count what they are grouped by, here journeys."""
PRESETS: dict[Semantics, dict[str, Any]] = {
    "posthog": {"window": "14d", "on_exclude": "drop_person"} | OF_PEOPLE | NOBODY_IS_OPEN,
    "mixpanel": {"window": "7d", "entry": "first", "ties": "2s"} | OF_PEOPLE | NOBODY_IS_OPEN,
    "amplitude": OF_PEOPLE | NOBODY_IS_OPEN,
    "clickhouse": {"is_reused": True} | NOBODY_IS_OPEN,
    "umami": {"is_reused": True, "is_window_per_stage": True} | NOBODY_IS_OPEN,
}
"""`docs/semantics.md` shows each beside ours on the cases where they differ; their defaults for a window come with them."""
