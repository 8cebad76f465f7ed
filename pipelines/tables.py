"""The definition as tables: how SQL reads it. Nothing of it is ever pasted into SQL text."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors import SOURCES
from pipelines.block_list import Pseudonym, as_it_is, block_list, unlinked_identifiers
from pipelines.definition import Definition, Persona, Touchpoint
from pipelines.durations import seconds
from pipelines.models import Model

ANY = 9_223_372_036_854_775_807
"""No upper bound."""

Rows = list[dict[str, Any]]

SHAPES: dict[str, dict[str, pa.DataType]] = {
    "settings": {
        "name": pa.string(),
        "title": pa.string(),
        "session_rule": pa.string(),
        "session_gap_seconds": pa.int64(),
        "session_cap_events": pa.int64(),
        "session_cap_seconds": pa.int64(),
        "attribute_back_seconds": pa.int64(),
        "zone": pa.string(),
        "period_days": pa.int64(),
        "k": pa.int64(),
    },
    "sources": {
        "source": pa.string(),
        "source_rank": pa.int64(),
        "connector": pa.string(),
        "records": pa.string(),
        "user_namespace": pa.string(),
        "device_namespace": pa.string(),
        "order_namespace": pa.string(),
        "ticket_namespace": pa.string(),
        "account_namespace": pa.string(),
        "complete_until": pa.timestamp("us"),
    },
    "block_list": {"plain": pa.string(), "kind": pa.string(), "namespace": pa.string(), "value_text": pa.string()},
    "unlinked_identifiers": {"left_identifier": pa.string(), "right_identifier": pa.string()},
    "identifier_caps": {"kind": pa.string(), "most": pa.int64()},
    "touchpoints": {
        "touchpoint": pa.string(),
        "position": pa.int64(),
        "label": pa.string(),
        "role": pa.string(),
        "channel": pa.string(),
    },
    "touchpoint_rules": {
        "touchpoint": pa.string(),
        "position": pa.int64(),
        "source": pa.string(),
        "event_like": pa.string(),
        "page_like": pa.string(),
    },
    "touchpoint_rule_properties": {"touchpoint": pa.string(), "property": pa.string(), "value_like": pa.string()},
    "journey_definitions": {
        "journey": pa.string(),
        "position": pa.int64(),
        "label": pa.string(),
        "subject": pa.string(),
        "gap_seconds": pa.int64(),
        "window_seconds": pa.int64(),
        "success_stage": pa.string(),
        "success_position": pa.int64(),
        "as_of": pa.timestamp("us"),
    },
    "stages": {
        "journey": pa.string(),
        "stage": pa.string(),
        "position": pa.int64(),
        "label": pa.string(),
        "objective": pa.string(),
        "is_success": pa.bool_(),
        "is_optional": pa.bool_(),
        "is_repeatable": pa.bool_(),
        "within_seconds": pa.int64(),
    },
    "stage_touchpoints": {"journey": pa.string(), "stage": pa.string(), "touchpoint": pa.string()},
    "personas": {"persona": pa.string(), "position": pa.int64(), "label": pa.string()},
    "persona_rules": {
        "persona": pa.string(),
        "position": pa.int64(),
        "channel": pa.string(),
        "device_type": pa.string(),
        "country": pa.string(),
        "campaign_source": pa.string(),
        "campaign_medium": pa.string(),
        "least_earlier_sessions": pa.int64(),
        "most_earlier_sessions": pa.int64(),
        "least_earlier_orders": pa.int64(),
        "most_earlier_orders": pa.int64(),
    },
    "kpi_targets": {
        "kpi": pa.string(),
        "position": pa.int64(),
        "label": pa.string(),
        "description": pa.string(),
        "statistic": pa.string(),
        "unit": pa.string(),
        "direction": pa.string(),
        "target": pa.float64(),
        "owner": pa.string(),
        "journey": pa.string(),
        "stage": pa.string(),
        "window_seconds": pa.int64(),
        "missing_roles": pa.string(),
        "as_of": pa.timestamp("us"),
    },
}
"""Every definition table: its columns and their types. Instants are UTC."""


def definition_tables(
    definition: Definition,
    kpi_models: Mapping[str, Model],
    complete_until: Mapping[str, datetime],
    pseudonym: Pseudonym = as_it_is,
) -> dict[str, pa.Table]:
    """Turn a definition into its tables; `complete_until` tells, per source, up to when it has delivered (UTC).

    `pseudonym` makes of a kind and a clear e-mail address or phone number what landing wrote in its place.
    """
    rows: dict[str, Rows] = {
        "settings": [
            {
                "name": definition.name,
                "title": definition.title or sentence(definition.name),
                "session_rule": definition.sessions.by,
                "session_gap_seconds": definition.sessions.gap,
                "session_cap_events": definition.sessions.cap.events,
                "session_cap_seconds": definition.sessions.cap.time,
                "attribute_back_seconds": definition.identity.attribute_back,
                "zone": definition.zone,
                "period_days": definition.report.period // 86400,
                "k": definition.privacy.k,
            }
        ],
        "sources": list(_sources(definition, complete_until)),
        "block_list": block_list(definition.identity, pseudonym),
        "unlinked_identifiers": unlinked_identifiers(definition.identity, pseudonym),
        "identifier_caps": [{"kind": kind, "most": most} for kind, most in definition.identity.caps],
        "touchpoints": [
            {
                "touchpoint": name,
                "position": position,
                "label": touchpoint.label or sentence(name),
                "role": touchpoint.role,
                "channel": touchpoint.channel,
            }
            for position, (name, touchpoint) in enumerate(definition.touchpoints.items(), 1)
        ],
        "touchpoint_rules": list(_touchpoint_rules(definition)),
        "touchpoint_rule_properties": [
            {"touchpoint": name, "property": key, "value_like": like(glob)}
            for name, touchpoint in definition.touchpoints.items()
            for key, glob in touchpoint.properties.items()
        ],
        "journey_definitions": list(_journeys(definition, complete_until)),
        "stages": list(_stages(definition)),
        "stage_touchpoints": [
            {"journey": journey_name, "stage": stage_name, "touchpoint": touchpoint}
            for journey_name, journey in definition.journeys.items()
            for stage_name, stage in journey.stages.items()
            for touchpoint in stage.touchpoints
        ],
        "personas": list(_personas(definition)),
        "persona_rules": list(_persona_rules(definition)),
        "kpi_targets": list(_kpi_targets(definition, kpi_models, complete_until)),
    }
    return {
        name: pa.Table.from_pylist(rows[name], schema=pa.schema(list(shape.items()))) for name, shape in SHAPES.items()
    }


def sentence(name: str) -> str:
    """Make a label from a name.

    >>> sentence("add_to_cart")
    'Add to cart'
    """
    return name.replace("_", " ").capitalize()


def like(glob: str) -> str:
    """Translate a glob into a LIKE pattern with the escape character `!`.

    >>> like("/basket*"), like("100%_?")
    ('/basket%', '100!%!__')
    """
    escaped = "".join(f"!{character}" if character in "!%_" else character for character in glob)
    return escaped.replace("*", "%").replace("?", "_")


def _sources(definition: Definition, complete_until: Mapping[str, datetime]) -> Iterable[dict[str, Any]]:
    for rank, (name, spec) in enumerate(definition.sources.items(), 1):
        yield {
            "source": name,
            "source_rank": rank,
            "connector": spec.connector,
            "records": spec.records or getattr(SOURCES[spec.connector], "RECORDS", "append"),
            "user_namespace": spec.user_ids or name,
            "device_namespace": spec.device_ids or name,
            "order_namespace": spec.order_ids or name,
            "ticket_namespace": spec.ticket_ids or name,
            "account_namespace": spec.account_ids or name,
            "complete_until": complete_until.get(name),
        }


def _touchpoint_rules(definition: Definition) -> Iterable[dict[str, Any]]:
    for position, (name, touchpoint) in enumerate(definition.touchpoints.items(), 1):
        for event in touchpoint.event or (None,):
            for page in touchpoint.page or (None,):
                yield {
                    "touchpoint": name,
                    "position": position,
                    "source": touchpoint.source,
                    "event_like": like(event) if event else None,
                    "page_like": like(page) if page else None,
                }


def _journeys(definition: Definition, complete_until: Mapping[str, datetime]) -> Iterable[dict[str, Any]]:
    for position, (name, journey) in enumerate(definition.journeys.items(), 1):
        touched = [
            definition.touchpoints[touchpoint] for stage in journey.stages.values() for touchpoint in stage.touchpoints
        ]
        yield {
            "journey": name,
            "position": position,
            "label": journey.label or sentence(name),
            "subject": journey.subject,
            "gap_seconds": journey.gap,
            "window_seconds": journey.window,
            "success_stage": journey.success,
            "success_position": list(journey.stages).index(journey.success) + 1,
            "as_of": _as_of(touched, definition, complete_until),
        }


def _as_of(
    touched: Iterable[Touchpoint], definition: Definition, complete_until: Mapping[str, datetime]
) -> datetime | None:
    """The least of `complete_until` over the sources that the touchpoints name; one that names none may be of any."""
    named = {touchpoint.source for touchpoint in touched}
    sources = definition.sources if None in named else named
    return min((complete_until[name] for name in sources if name in complete_until), default=None)


def _stages(definition: Definition) -> Iterable[dict[str, Any]]:
    for journey_name, journey in definition.journeys.items():
        for position, (name, stage) in enumerate(journey.stages.items(), 1):
            yield {
                "journey": journey_name,
                "stage": name,
                "position": position,
                "label": stage.label or sentence(name),
                "objective": stage.objective,
                "is_success": name == journey.success,
                "is_optional": stage.optional,
                "is_repeatable": stage.repeatable,
                "within_seconds": stage.within,
            }


def _personas(definition: Definition) -> Iterable[dict[str, Any]]:
    yield {"persona": "(all)", "position": 0, "label": "Everyone"}
    for position, (name, persona) in enumerate(definition.personas.items(), 1):
        yield {"persona": name, "position": position, "label": persona.label or sentence(name)}
    yield {
        "persona": "other",
        "position": len(definition.personas) + 1,
        "label": "Everyone else" if definition.personas else "No persona",
    }


def _persona_rules(definition: Definition) -> Iterable[dict[str, Any]]:
    for position, (name, persona) in enumerate(definition.personas.items(), 1):
        least_sessions, most_sessions = _bounds(persona.earlier_sessions)
        least_orders, most_orders = _bounds(persona.earlier_orders)
        for values in _alternatives(persona):
            yield {
                "persona": name,
                "position": position,
                **values,
                "least_earlier_sessions": least_sessions,
                "most_earlier_sessions": most_sessions,
                "least_earlier_orders": least_orders,
                "most_earlier_orders": most_orders,
            }


def _alternatives(persona: Persona) -> Iterable[dict[str, str | None]]:
    """One rule row for each combination of alternative values."""
    combinations: list[dict[str, str | None]] = [{}]
    for key in ("channel", "device_type", "country", "campaign_source", "campaign_medium"):
        values: tuple[str | None, ...] = getattr(persona, key) or (None,)
        combinations = [{**chosen, key: value} for chosen in combinations for value in values]
    return combinations


def _bounds(comparison: str | None) -> tuple[int, int]:
    """Read a comparison with a whole number as the least and the most it allows.

    >>> _bounds(">= 1")[0], _bounds("< 3"), _bounds("= 0")
    (1, (0, 2), (0, 0))
    """
    if comparison is None:
        return 0, ANY
    sign, number = comparison.rstrip("0123456789").strip(), int(comparison.lstrip("<>= "))
    return {">=": (number, ANY), ">": (number + 1, ANY), "<=": (0, number), "<": (0, number - 1)}.get(
        sign, (number, number)
    )


def _kpi_targets(
    definition: Definition, kpi_models: Mapping[str, Model], complete_until: Mapping[str, datetime]
) -> Iterable[dict[str, Any]]:
    played = {touchpoint.role for touchpoint in definition.touchpoints.values() if touchpoint.role}
    for position, (name, kpi) in enumerate(definition.kpis.items(), 1):
        model = kpi_models[name]
        journey = kpi.journey or next(
            (key for key, value in definition.journeys.items() if kpi.stage in (None, *value.stages)), None
        )
        touched = [t for t in definition.touchpoints.values() if t.role in model.roles]
        if not model.roles and journey:
            touched = [
                definition.touchpoints[t]
                for stage in definition.journeys[journey].stages.values()
                for t in stage.touchpoints
            ]
        window = model.header.get("window")
        yield {
            "kpi": name,
            "position": position,
            "label": kpi.label or model.header["title"],
            "description": model.description,
            "statistic": model.header["statistic"],
            "unit": model.header["unit"],
            "direction": model.header["direction"],
            "target": kpi.target,
            "owner": kpi.owner,
            "journey": journey,
            "stage": kpi.stage,
            "window_seconds": kpi.window or (seconds(window) if window else None),
            "missing_roles": ", ".join(role for role in model.roles if role not in played) or None,
            "as_of": _as_of(touched, definition, complete_until),
        }


def local_days(first: datetime, last: datetime, zone: str) -> pa.Table:
    """Every quarter of an hour from `first` to `last` (UTC) with its local day: no day of any zone begins within one."""
    place = ZoneInfo(zone)
    start = first.replace(minute=first.minute - first.minute % 15, second=0, microsecond=0)
    quarters = [
        start + timedelta(minutes=15 * number) for number in range(int((last - start) / timedelta(minutes=15)) + 1)
    ]
    days = [quarter.replace(tzinfo=UTC).astimezone(place).date() for quarter in quarters]
    return pa.table({"quarter_at": pa.array(quarters, pa.timestamp("us")), "local_on": pa.array(days, pa.date32())})
