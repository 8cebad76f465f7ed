"""The definition as tables: how SQL reads it. Nothing of it is ever pasted into SQL text."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.registry import SOURCES
from pipelines.block_list import Pseudonyms, as_it_is, block_list, unlinked_identifiers
from pipelines.definition import Definition
from pipelines.definition_parts import Touchpoint
from pipelines.globs import like
from pipelines.labels import sentence
from pipelines.models import Model, window_of
from pipelines.persona_rows import persona_rules, personas
from pipelines.table_shapes import SHAPES

Rows = list[dict[str, Any]]


def definition_tables(
    definition: Definition,
    kpi_models: Mapping[str, Model],
    complete_until: Mapping[str, datetime],
    pseudonyms: Pseudonyms = as_it_is,
) -> dict[str, pa.Table]:
    """Turn a definition into its tables; `complete_until` tells, per source, up to when it has delivered (UTC).

    `pseudonyms` makes of a kind and a clear e-mail address or phone number what landing wrote in its place, by each key.
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
        "block_list": block_list(definition.identity, pseudonyms),
        "unlinked_identifiers": unlinked_identifiers(definition.identity, pseudonyms),
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
        "personas": list(personas(definition)),
        "persona_rules": list(persona_rules(definition)),
        "kpi_targets": list(_kpi_targets(definition, kpi_models, complete_until)),
    }
    return {
        name: pa.Table.from_pylist(rows[name], schema=pa.schema(list(shape.items()))) for name, shape in SHAPES.items()
    }


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
            **_as_of(touched, definition, complete_until),
        }


def _as_of(
    touched: Iterable[Touchpoint], definition: Definition, complete_until: Mapping[str, datetime]
) -> dict[str, Any]:
    """The least of `complete_until` over the sources that the touchpoints name; one that names none may be of any.

    And the last local day that is over by then.
    """
    named = {touchpoint.source for touchpoint in touched}
    sources = definition.sources if None in named else named
    as_of = min((complete_until[name] for name in sources if name in complete_until), default=None)
    today = as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(definition.zone)).date() if as_of else None
    return {"as_of": as_of, "over_on": today - timedelta(days=1) if today else None}


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
            "window_seconds": window_of(name, kpi.window),
            "missing_roles": ", ".join(role for role in model.roles if role not in played) or None,
            **_as_of(touched, definition, complete_until),
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
