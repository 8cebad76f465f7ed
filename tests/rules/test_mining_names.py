"""One name for each analysis: the function, the method of a log, the page that tells what it means."""

import re
from pathlib import Path

import pytest

import journey_mining as jm
from journey_mining import Log
from journey_mining.narrowing import Narrowable

ROOT = Path(__file__).parents[2]
PAGES = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
ASKS_ALL = ("test_what_is_refused.py", "test_names.py")
"""Tests that ask everything of any log; of test_log.py the lists that do are left out."""
TESTS = "\n".join(
    re.sub(r"^(ANALYSES|COMPUTED) = .*?^}", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for path in (ROOT / "tests" / "journey_mining").glob("*.py")
    if path.name not in ASKS_ALL
)
METHODS = {name: method.__wrapped__ for name, method in vars(Log).items() if hasattr(method, "__wrapped__")}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_a_log_is_the_public_function_of_the_same_name(name):
    assert getattr(jm, name) is METHODS[name]


def is_named(name: str) -> bool:
    """Whether a page names it as code, `name` or name(...): a word of a sentence tells nothing of a function."""
    return re.search(rf"`(?:jm\.|log\.)?{name}`|\b{name}\(", PAGES) is not None


@pytest.mark.parametrize("name", sorted(jm.__all__))
def test_every_public_name_is_on_a_page(name):
    assert is_named(name) or is_named(name.removesuffix("_figure"))


@pytest.mark.parametrize(
    "name", sorted(name for name, method in vars(Narrowable).items() if callable(method) and name[0] != "_")
)
def test_every_way_to_another_log_is_on_a_page(name):
    assert is_named(name)


@pytest.mark.parametrize("name", sorted(jm.__all__))
def test_every_public_name_is_in_a_test_of_its_own(name):
    """Beside those that ask everything of every log: it is called there, or imported."""
    is_there = re.search(
        rf"\b(jm|log|shop)\.{name}\b|\b{name}\(|import .*\b{name}\b|^    {name},$", TESTS, re.MULTILINE
    )
    assert is_there is not None


@pytest.mark.parametrize("name", sorted({*jm.__all__} - {"open", "Log"}))
def test_every_public_name_has_an_example(name):
    """But `open`, which needs a published workspace, and `Log`, whose methods have those of their functions."""
    thing = getattr(jm, name)
    assert ">>>" in (thing.__doc__ or "") or not callable(thing) or is_an_error(thing)


def is_an_error(thing):
    return isinstance(thing, type) and issubclass(thing, jm.JourneyMiningError)


def test_a_word_is_no_name():
    assert "other" in PAGES
    assert not is_named("other")
