"""The nights after a replay, after days landed once more and after a source landed anew give what a full build gives."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.run import land_again_only, land_only, replay_only, run
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.functional.small_shop import DEFINITION, HEADER, ask, quiet, shop

VISITS = """  visits:
    connector: files
    path: "visits/*.csv"
    user_ids: shop
    fields: {user_id: who}
    events: {page_view: {occurred_at: seen}}
"""
"""A source whose mapping overlooks when a visitor left; a line of its second day is in another format."""
MORE = VISITS.replace("{occurred_at: seen}", "{occurred_at: seen}, page_left: {occurred_at: left}")
GERMAN = VISITS.replace("occurred_at: seen", 'occurred_at: {column: seen, format: "%d.%m.%Y %H:%M"}')
FIRST_DAY = "who,seen,left\nann-77,2024-05-11T10:00:00Z,2024-05-11T10:20:00Z\n"
SECOND_DAY = "who,seen,left\nbob-88,2024-05-12T10:00:00Z,2024-05-12T10:20:00Z\ncem-99,12.05.2024 11:00,\n"
NAMES = "SELECT event_name, count(*) FROM events WHERE source = 'visits' GROUP BY ALL ORDER BY ALL"


def replayed(workspace: Workspace) -> None:
    define(workspace, GERMAN)
    assert replay_only(workspace, quiet).n_accepted == 1


def one_day_once_more(workspace: Workspace) -> None:
    define(workspace, MORE)
    assert land_only(workspace, quiet, days=(date(2024, 5, 12), date(2024, 5, 12))).n_accepted == 1


def landed_anew(workspace: Workspace) -> None:
    define(workspace, MORE)
    assert land_again_only(workspace, quiet, only=["visits"]).n_accepted == 2


MENDED: dict[str, tuple[Callable[[Workspace], None], list[tuple[str, int]]]] = {
    "replayed": (replayed, [("page_view", 3)]),
    "one day once more": (one_day_once_more, [("page_left", 1), ("page_view", 2)]),
    "landed anew": (landed_anew, [("page_left", 2), ("page_view", 2)]),
}
"""What is done, and the events of that source from then on."""


def define(workspace: Workspace, visits: str) -> None:
    workspace.definition.write_text(DEFINITION.replace("touchpoints:\n", f"{visits}touchpoints:\n", 1))


@pytest.mark.parametrize("what", MENDED)
def test_nights_after_what_has_landed_was_mended_equal_a_full_build(what: str, tmp_path: Path) -> None:
    mend, events = MENDED[what]
    workspace = shop(tmp_path / "shop")
    define(workspace, VISITS)
    (workspace.root / "visits").mkdir()
    (workspace.root / "visits" / "2024-05-11.csv").write_text(FIRST_DAY)
    (workspace.root / "visits" / "2024-05-12.csv").write_text(SECOND_DAY)
    run(workspace, quiet)
    assert ask(workspace, NAMES) == [("page_view", 2)]
    mend(workspace)
    for night in ("2024-06-22", "2024-06-23"):
        visit = f"{night}T10:00:00Z,bob-88,dev-bob,page_view,/,,,\n"
        (workspace.root / "web" / f"{night}.csv").write_text(HEADER + visit)
        assert run(workspace, quiet).is_new
        assert ask(workspace, NAMES) == events
    verify(workspace, quiet, is_deep=True)
