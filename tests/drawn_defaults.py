"""What a table holds that is not drawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.persona_rows import ANY

Rows = list[dict[str, Any]]

Tables = Mapping[str, str | Rows]
"""By name: drawn in text, or as rows of plain values."""

EVENT = {
    "source": "web",
    "source_rank": 1,
    "event_name": "page_view",
    "is_passive": False,
    "sequence": 1,
    "load_seq": 1,
    "file_id": "file",
}

DEFAULTS: dict[str, dict[str, Any]] = {
    "landed_events": EVENT,
    "source_events": EVENT,
    "events": EVENT,
    "settings": {
        "name": "shop",
        "title": "Shop",
        "session_rule": "gap",
        "session_gap_seconds": 1800,
        "session_cap_events": 2000,
        "session_cap_seconds": 86400,
        "attribute_back_seconds": 30 * 86400,
        "zone": "UTC",
        "period_days": 28,
    },
    "sources": {"connector": "files", "records": "append"},
    "touchpoint_rules": {},
    "journey_definitions": {
        "journey": "purchase",
        "subject": "person",
        "gap_seconds": 7 * 86400,
        "window_seconds": 7 * 86400,
    },
    "journey_steps": {"journey": "purchase", "touchpoint": "page", "visit_number": 1, "is_success": False},
    "journeys": {"journey": "purchase", "persona": "other", "is_direct": False},
    "journey_outcomes": {"journey": "purchase", "persona": "other", "is_direct": False},
    "journey_touches": {
        "journey": "purchase",
        "subject": "person",
        "source_rank": 1,
        "sequence": 1,
        "is_passive": False,
        "is_success": False,
    },
    "journey_periods": {"journey": "purchase", "persona": "other", "period": "all", "is_direct": False},
    "stages": {"journey": "purchase", "is_success": False},
    "stage_touchpoints": {"journey": "purchase"},
    "stage_visits": {"journey": "purchase", "visit_number": 1},
    "persona_rules": {
        "least_earlier_sessions": 0,
        "most_earlier_sessions": ANY,
        "least_earlier_orders": 0,
        "most_earlier_orders": ANY,
    },
    "sessions": {"persona": "other", "source": "web", "n_events": 1},
    "kpi_targets": {"kpi": "csat_score", "statistic": "rate", "direction": "higher", "as_of": datetime(2024, 12, 31)},
    "kpi_units": {"kpi": "csat_score", "persona": "other", "value": 1.0},
    "time_counts": {"journey": "purchase", "persona": "other", "period": "all"},
    "kpi_clusters": {"kpi": "csat_score", "persona": "(all)", "period": "all"},
    "kpi_medians": {"kpi": "csat_score", "persona": "(all)", "period": "all"},
    "kpi_estimates": {"kpi": "csat_score", "persona": "(all)"},
    "kpi_status": {"kpi": "csat_score", "persona": "(all)", "period": "all"},
    "periods": {"measure": "kpi:csat_score", "period": "all"},
}
"""What a column holds that is not drawn; where nothing is said here, NULL."""

PURCHASE: dict[str, str | Rows] = {
    "journey_definitions": "success_stage | success_position | as_of\nbuy | 3 | 06-30",
    "stages": "stage | position | is_success\nlook | 1 | no\ncart | 2 | no\nbuy | 3 | yes\nhelp | 4 | no",
    "stage_touchpoints": "stage | touchpoint\nlook | look\nlook | read\ncart | cart\nbuy | buy\nhelp | help",
}
"""A journey through the stages look, cart, buy (success) and help, with gap and window of 7 days, complete to 30 June."""
