"""One name for each analysis: the function, the method of a log, the page that tells what it means."""

from pathlib import Path

import pytest

import journey_mining as jm
from journey_mining import Log

ROOT = Path(__file__).parents[2]
PAGES = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
METHODS = {name: method.__wrapped__ for name, method in vars(Log).items() if hasattr(method, "__wrapped__")}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_log_is_the_public_function_of_the_same_name(name):
    assert getattr(jm, name) is METHODS[name]


@pytest.mark.parametrize("name", sorted({*jm.__all__} - {"JourneyMiningError", "ArgumentError", "StepsError"}))
def test_every_public_name_is_on_a_page(name):
    assert name.removesuffix("_figure") in PAGES
