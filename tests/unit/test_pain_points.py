"""What counts as a pain point: worse than the others, or than before, by more than chance, and told once."""

from typing import Any

import pandas as pd

from pipelines.pain_points import pain_points

NO_PROSPECTS = pd.DataFrame({"journey": pd.Series(dtype=str), "stage": pd.Series(dtype=str), "prospect": []})


def rate(persona: str, value: float, n: int, error: float | None, period: str = "current") -> dict[str, Any]:
    """How many of those at the cart leave there for good."""
    return {
        "kind": "dropoff", "journey": "purchase", "stage": "cart", "kpi": None, "persona": persona, "period": period,
        "label": "Leaving at Cart", "statistic": "rate", "unit": "share", "direction": "lower", "is_missed": True,
        "value": value, "low": None, "high": None, "error": error, "n_units": n, "n_people": n, "persona_label": persona,
    }  # fmt: skip


def found(*rates: dict[str, Any]) -> list[tuple[str, str, int]]:
    table = pain_points(pd.DataFrame(rates), NO_PROSPECTS)
    return list(zip(table["persona"], table["compared_with"], table["baseline_n_units"], strict=True))


def test_a_persona_that_leaves_more_often_than_the_others_is_one() -> None:
    assert found(rate("a", 0.5, 100, 0.05), rate("b", 0.2, 100, 0.04)) == [("a", "other personas", 100)]


def test_one_person_is_no_baseline() -> None:
    """Of one person no error is known, so that nobody can be told to fare worse than they."""
    assert found(rate("a", 0.5, 100, 0.05), rate("b", 0.0, 1, None)) == []
    many = rate("a", 0.5, 100, 0.05), rate("b", 0.2, 100, 0.04), rate("c", 0.0, 500, None)
    assert found(*many) == [("a", "other personas", 100)]


def test_what_got_worse_for_everyone_is_told_once_where_everyone_is_one_persona() -> None:
    def both(persona: str, n: int) -> list[dict[str, Any]]:
        return [rate(persona, 0.5, n, 0.05), rate(persona, 0.2, n, 0.04, "previous")]

    assert [one[0] for one in found(*both("(all)", 100), *both("other", 100))] == ["(all)"]
    assert {one[0] for one in found(*both("(all)", 110), *both("other", 100))} == {"(all)", "other"}
