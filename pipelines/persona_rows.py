"""Personas as rows: who there are, and the rules that tell them."""

from collections.abc import Iterable
from typing import Any

from pipelines.definition import Definition
from pipelines.definition_parts import Persona
from pipelines.globs import like
from pipelines.labels import sentence

ANY = 9_223_372_036_854_775_807
"""No upper bound."""


def personas(definition: Definition) -> Iterable[dict[str, Any]]:
    yield {"persona": "(all)", "position": 0, "label": "Everyone"}
    for position, (name, persona) in enumerate(definition.personas.items(), 1):
        yield {"persona": name, "position": position, "label": persona.label or sentence(name)}
    yield {
        "persona": "other",
        "position": len(definition.personas) + 1,
        "label": "Everyone else" if definition.personas else "No persona",
    }


def persona_rules(definition: Definition) -> Iterable[dict[str, Any]]:
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
        values: tuple[str | None, ...] = tuple(map(like, getattr(persona, key))) or (None,)
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
