"""The KPI board tells what the tables tell: the value, the target, the change, the days, and why something is not measured."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.kpi_board import kpi_board
from pipelines.kpi_chart import DAYS_SHOWN, HEIGHT, chart, runs
from pipelines.kpi_words import kpi_card
from tests.reports.html_reader import Page, in_table
from tests.reports.published import publish
from tests.reports.test_journey_map import hostile

SHARE = {
    "kpi": "k",
    "label": "Kept",
    "unit": "share",
    "direction": "higher",
    "target": 0.5,
    "description": "",
    "owner": None,
    "missing_roles": None,
}


def a_day(number: int, value: float | None = 0.5, is_closed: bool = True) -> dict:
    edges = (
        {"low": None, "high": None} if value is None else {"low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}
    )
    return {
        "day": date(2024, 3, 1) + timedelta(days=number),
        "value": value,
        "n_units": 20,
        "is_closed": is_closed,
        **edges,
    }


def stands(
    value: float | None, low: float | None = None, high: float | None = None, period: str = "current", **more: object
) -> dict:
    key = {"kpi": "k", "persona": "(all)", "period": period, "first_on": date(2024, 3, 1), "last_on": date(2024, 3, 9)}
    found = {
        "value": value,
        "low": low,
        "high": high,
        "p90": None,
        "status": "met",
        "is_certain": True,
        "is_withheld": False,
    }
    return key | found | {"n_units": 50, "n_people": 40, "n_immature": 0} | more


def test_every_figure_is_the_cell_it_names(published) -> None:
    figures = Page(kpi_board(published)).figures
    assert {(one["table"], one["column"]) for one in figures} == {("kpi_status", "value")}
    assert len(figures) == 6 * 2 * 4
    for figure in figures:
        assert figure["value"] == in_table(published, figure), figure


def test_a_card_says_target_owner_status_and_count(published) -> None:
    text = " ".join(Page(kpi_board(published)).shown_text.split())
    for words in (
        "84.0%",
        "81.0–87.0%",
        "at most 70%",
        "shop team · Cart",
        "120 cases, 120 people, 14–23 Mar 2024",
        "missed",
        "5 h 15 min",
        "2 missed",
    ):
        assert words in text


def test_what_nothing_measures_is_not_measured_and_says_why(published) -> None:
    text = Page(kpi_board(published)).shown_text
    assert "no touchpoint has the role rated" in text
    assert "none of the 17 cases is mature yet" in text
    assert "2 not measured" in " ".join(text.split())


def test_the_table_below_a_chart_holds_every_day_of_kpi_daily(published) -> None:
    page = Page(kpi_board(published))
    days = [one["text"] for one in page.all("th", scope="row") if not one["is_hidden"]]
    n_days = published.execute("SELECT count(*) FROM kpi_daily WHERE persona = '(all)'").fetchall()[0][0]
    assert len(days) == n_days
    assert days[:2] == ["14 Mar 2024", "15 Mar 2024"]


def test_a_day_about_too_few_people_is_withheld_from_line_and_table(published) -> None:
    published.execute(
        "UPDATE kpi_daily SET n_people = 4, value = 0.123 WHERE kpi = 'csat_mean' AND day = '2024-03-15' AND persona = '(all)'"
    ).fetchall()
    html = kpi_board(published)
    assert "0.12" not in html
    assert re.search(r"\d+ cells withheld", html)


def test_markup_in_labels_never_becomes_markup(published) -> None:
    plain, page = Page(kpi_board(published)), Page(kpi_board(hostile(published)))
    assert {one["tag"] for one in page.elements} == {one["tag"] for one in plain.elements}
    assert not [name for one in page.elements for name in one["attrs"] if name.startswith("on") or name == "style"]


def test_the_same_tables_give_the_same_bytes(published) -> None:
    with duckdb.connect() as again:
        assert kpi_board(published) == kpi_board(publish(again))


@pytest.mark.parametrize(
    ("now", "before", "change", "note"),
    [
        (
            stands(0.6, 0.55, 0.65),
            stands(0.5, 0.4, 0.57, "previous"),
            "+10.0 points, better",
            "the intervals overlap, so it may be chance.",
        ),
        (
            stands(0.3, 0.25, 0.35),
            stands(0.5, 0.4, 0.57, "previous"),
            "−20.0 points, worse",
            "the intervals do not overlap.",
        ),
        (
            stands(0.5, 0.45, 0.55),
            stands(0.5, 0.4, 0.57, "previous"),
            "±0 points",
            "the intervals overlap, so it may be chance.",
        ),
        (stands(0.5, 0.45, 0.55), None, "", "The period before was not measured."),
        (stands(0.5, 0.45, 0.55), stands(None, is_withheld=True, n_units=None), "", "The period before is withheld."),
        (stands(0.5, 0.45, 0.55), stands(None), "", "The median of the period before lay beyond what was observed."),
    ],
)
def test_a_change_is_called_by_what_the_intervals_allow(now: dict, before: dict | None, change: str, note: str) -> None:
    card = kpi_card(SHARE, now, before, "current")
    assert card.change == change
    assert card.change_note.endswith(note)


def test_a_withheld_kpi_tells_nothing() -> None:
    card = kpi_card(
        SHARE,
        stands(
            None,
            is_withheld=True,
            n_units=None,
            n_people=None,
            n_immature=None,
            status=None,
            first_on=None,
            last_on=None,
        ),
        None,
        "current",
    )
    assert (card.verdict, card.counted, card.interval) == ("withheld", "", "")


def test_a_gap_breaks_the_line_and_an_open_day_is_told_apart() -> None:
    drawn = chart(SHARE, [a_day(0), a_day(1), a_day(4), a_day(5), a_day(6, is_closed=False)])
    assert drawn is not None
    assert drawn.closed.count("M") == 2
    assert len(drawn.bands) == 2
    assert drawn.open_dots.count("M") == 1
    assert [state for *_, state in drawn.days] == ["closed"] * 4 + ["open"]


def test_without_a_value_there_is_nothing_to_draw() -> None:
    assert chart(SHARE, []) is None
    assert chart(SHARE, [a_day(0, None)]) is None


def test_only_the_latest_days_are_drawn_and_the_rest_is_counted() -> None:
    drawn = chart(SHARE, [a_day(number) for number in range(DAYS_SHOWN + 5)])
    assert drawn is not None
    assert (len(drawn.days), drawn.n_left_out) == (DAYS_SHOWN, 5)


def test_times_and_their_change_add_up() -> None:
    """5.15 hours are 5 h 9 min, 14.48 are 14 h 29 min: 9 h 20 min more."""
    now, before = stands(14.48, 12.0, 16.0), stands(5.15, 4.0, 6.0, "previous")
    card = kpi_card(SHARE | {"unit": "hours", "direction": "lower"}, now, before, "current")
    assert (card.figure.text, card.change) == ("14 h 29 min", "+9 h 20 min, worse")
    assert card.change_note.startswith("From 5 h 9 min in ")


@pytest.mark.parametrize(
    ("hours", "ticks"),
    [([3, 6, 9], ["2 h", "4 h", "6 h", "8 h", "10 h"]), ([50, 90, 170], ["2 days", "4 days", "6 days", "8 days"])],
)
def test_the_axis_tells_long_times_in_days_as_the_card_does(hours: list[float], ticks: list[str]) -> None:
    """A quarter of 120 hours is 1.25 days, so the step is 2 days, from below 2.1 to above 7.1."""
    days = [a_day(number) | {"value": value, "low": None, "high": None} for number, value in enumerate(hours)]
    drawn = chart(SHARE | {"unit": "hours", "target": None}, days)
    assert drawn is not None
    assert [text for _, text in drawn.ticks] == ticks


@pytest.mark.parametrize("unit", ["share", "hours", "points"])
@pytest.mark.parametrize("value", [0.0, 1e-12, 0.7, 1.0])
@pytest.mark.parametrize("target", [None, 0.0, 0.02, 1.0])
def test_days_that_are_all_alike_are_drawn_within_the_chart(unit: str, value: float, target: float | None) -> None:
    row = {"label": "x", "unit": unit, "target": target}
    drawn = chart(row, [a_day(number) | {"value": value, "low": value, "high": value} for number in range(3)])
    assert drawn is not None
    assert [y for y, _ in drawn.ticks] == sorted({y for y, _ in drawn.ticks}, reverse=True)
    assert (drawn.ticks[0][0], drawn.ticks[-1][0]) == (HEIGHT, 0)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=40), st.one_of(st.none(), st.floats(0, 1)))
def test_everything_drawn_stays_within_the_drawing(values: list[float | None], target: float | None) -> None:
    days = [a_day(number, value) for number, value in enumerate(values) if value is not None]
    drawn = chart(SHARE | {"target": target}, days)
    if drawn is None:
        assert not days
        return
    assert drawn.target is None or 0 <= drawn.target <= HEIGHT
    assert all(-1 <= y <= HEIGHT + 1 for y, _ in drawn.ticks)
    assert 2 <= len(drawn.ticks) <= 8
    assert len({text for _, text in drawn.ticks}) == len(drawn.ticks)
    assert sum(len(run) for run in runs(days)) == len(days) == drawn.dots.count("M")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_board_opens_from_disk_quietly_and_fits(published, open_page: Callable, width: int) -> None:
    opened = open_page(kpi_board(hostile(published)), width)
    assert opened.complaints == []
    assert opened.requests_beyond == []
    assert opened.page.evaluate("window.__x") is None
    assert opened.overflow <= 0


@pytest.mark.browser
def test_a_persona_is_chosen_by_click_and_by_arrow(published, open_page: Callable) -> None:
    page = open_page(kpi_board(published)).page
    page.get_by_role("radio", name="Newcomers").check()
    assert page.locator("section.view:visible").get_attribute("aria-label") == "KPIs, Newcomers"
    page.keyboard.press("ArrowLeft")
    assert page.locator("section.view:visible").get_attribute("aria-label") == "KPIs, Everyone"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_name_of_the_target_covers_nothing_that_is_drawn(published, open_page: Callable, width: int) -> None:
    published.execute(
        "UPDATE kpi_daily SET value = 0.84, low = 0.7, high = 1 WHERE kpi = 'cart_abandonment_rate'"
    ).fetchall()
    published.execute("UPDATE kpi_targets SET target = 0.85 WHERE kpi = 'cart_abandonment_rate'").fetchall()
    chart = open_page(kpi_board(published), width).page.locator("section.view:visible figure.chart").first
    name, plot = chart.locator(".target-label").bounding_box(), chart.locator(".plot").bounding_box()
    assert "target 85%" in chart.inner_text()
    assert name["y"] + name["height"] <= plot["y"]


@pytest.mark.browser
def test_opening_one_card_leaves_the_drawing_of_its_neighbour_in_its_place(published, open_page: Callable) -> None:
    page = open_page(kpi_board(published)).page
    cards = page.locator("section.view:visible article.card")
    gap = """card => card.querySelector('.chart').getBoundingClientRect().top
        - card.querySelector('.now:not([hidden])').getBoundingClientRect().bottom"""
    before = cards.nth(1).evaluate(gap)
    cards.nth(0).locator("summary").click()
    assert cards.nth(0).locator(".numbers").is_visible()
    assert cards.nth(1).evaluate(gap) <= before


@pytest.mark.browser
def test_chart_labels_keep_their_size_on_a_phone(published, open_page: Callable) -> None:
    heights = [
        open_page(kpi_board(published), width)
        .page.locator("section.view:visible .chart text")
        .first.evaluate("text => text.getBoundingClientRect().height")
        for width in (1280, 390)
    ]
    assert heights[0] == heights[1] >= 10
