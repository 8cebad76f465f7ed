"""What one part of journey.yaml says of another must be there: each disagreement, with where it stands."""

from collections.abc import Mapping
from typing import Any

from connectors.registry import SOURCES
from connectors.suggest import did_you_mean
from pipelines.definition_parts import Definition, Kpi
from pipelines.models import kpi_models

Problem = tuple[tuple[str | int, ...], str]
"""Where in the file (a path of keys), and the sentence."""


def disagreements(definition: Definition) -> list[Problem]:
    """Cross-check what one part says of another."""
    found: list[Problem] = []

    def unknown(where: tuple[str | int, ...], kind: str, name: str, known: Mapping[str, Any]) -> None:
        if name not in known:
            found.append(
                (where, f"unknown {kind} '{name}'{did_you_mean(name, known)} Known: {', '.join(sorted(known))}.")
            )

    for name, spec in definition.sources.items():
        unknown(("sources", name, "connector"), "connector", spec.connector, SOURCES)
    for name, touchpoint in definition.touchpoints.items():
        if touchpoint.source:
            unknown(("touchpoints", name, "source"), "source", touchpoint.source, definition.sources)
    for name, journey in definition.journeys.items():
        unknown(("journeys", name, "success"), "stage", journey.success, journey.stages)
        for stage_name, stage in journey.stages.items():
            for touchpoint_name in stage.touchpoints:
                unknown(
                    ("journeys", name, "stages", stage_name, "touchpoints"),
                    "touchpoint",
                    touchpoint_name,
                    definition.touchpoints,
                )
    for name, kpi in definition.kpis.items():
        unknown(("kpis", name), "KPI", name, kpi_models())
        found += _of_kpi(name, kpi)
        journeys = definition.journeys
        if kpi.journey:
            unknown(("kpis", name, "journey"), "journey", kpi.journey, journeys)
        if kpi.stage:
            stages = {
                stage: 1 for key, journey in journeys.items() if kpi.journey in (None, key) for stage in journey.stages
            }
            unknown(("kpis", name, "stage"), "stage", kpi.stage, stages)
    if clash := {"other"} & set(definition.personas):
        found.append((("personas", *clash), "'other' is kept for those whom no persona matches; choose another name"))
    return found


def _of_kpi(name: str, kpi: Kpi) -> list[Problem]:
    """A KPI's unit and direction are those of its SQL file; the definition may repeat them, not change them."""
    header = kpi_models()[name].header if name in kpi_models() else {}
    return [
        (("kpis", name, key), f"sql/kpis/{name}.sql says {key}: {header[key]}, not {said}")
        for key, said in (("unit", kpi.unit), ("direction", kpi.direction))
        if header and said not in (None, header[key])
    ]
