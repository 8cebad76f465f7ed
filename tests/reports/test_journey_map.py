"""The journey map tells what the tables tell, of enough people, and nothing else; it works by click, by key, and on a phone."""

import re
from collections.abc import Callable
from itertools import permutations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.journey_map import journey_map, view
from pipelines.kpi_words import sentence_case
from pipelines.map_cells import nexts
from pipelines.map_tables import read
from pipelines.wording import WITHHELD, interval, percent
from tests.examples import examples
from tests.reports.html_reader import Page, in_table
from tests.reports.published import add_up, publish

PAYLOADS = (
    "<script>window.__x=1</script>",
    "<img src=x onerror=window.__x=1>",
    '"><svg onload=window.__x=1>',
    "' autofocus onfocus=window.__x=1 '",
    "</td></table><h1>owned</h1>",
    "javascript:window.__x=1",
    "<a href='https://evil.example'>here</a>",
    "{{ 7*7 }}",
    "&lt;b&gt;",
    "</style><style>*{display:none}",
)
LABELS = (
    ("build", "name"),
    ("personas", "label"),
    ("journey_definitions", "label"),
    ("stages", "label"),
    ("stages", "objective"),
    ("touchpoints", "label"),
    ("kpi_targets", "label"),
    ("kpi_targets", "description"),
    ("kpi_targets", "owner"),
    ("stage_touchpoint_use", "channel"),
)


def hostile(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Put markup into every text that people or browsers may choose."""
    for number, (table, column) in enumerate(LABELS):
        payload = "".join(PAYLOADS) if table != "stage_touchpoint_use" else PAYLOADS[number % len(PAYLOADS)]
        con.execute(f"UPDATE {table} SET {column} = $payload || {column}", {"payload": payload}).fetchall()
    return con


def figure_of(page: Page, table: str, column: str, **key: str) -> dict:
    found = [
        one
        for one in page.figures
        if (one["table"], one["column"]) == (table, column) and one["key"].items() >= key.items()
    ]
    assert found, f"no figure {table}.{column} {key}"
    return found[0]


def test_every_figure_is_the_cell_it_names(published) -> None:
    figures = Page(journey_map(published)).figures
    assert {one["table"] for one in figures} == {
        "stage_dropoff", "stage_touchpoint_use", "transitions", "journey_totals", "kpi_status", "pain_points",
    }  # fmt: skip
    for figure in figures:
        assert figure["value"] == in_table(published, figure), figure


DRAWN = st.lists(
    st.tuples(
        st.just("purchase"), st.sampled_from(["new", "returning"]), st.sampled_from(["previous", "current", "open"]),
        st.lists(st.sampled_from(["awareness", "cart", "purchase"]), min_size=1, max_size=5).map(
            lambda stages: " ".join(stage for place, stage in enumerate(stages) if stages[place - 1 : place] != [stage])),
        st.sampled_from(["succeeded", "dropped", "active"]), st.integers(1, 25),
    ).map(lambda path: (*path[:4], "open" if path[2] == "open" else path[4], path[5])),
    min_size=1, max_size=6, unique_by=lambda path: path[:4],
)  # fmt: skip


@examples(25)
@given(DRAWN)
def test_the_map_follows_its_tables_wherever_journeys_go(paths) -> None:
    con = publish(duckdb.connect(), paths)
    try:
        page = Page(journey_map(con))
        for figure in page.figures:
            assert figure["value"] == in_table(con, figure), figure
            if figure["table"] == "stage_dropoff" and figure["column"] == "dropoff_rate":
                assert figure["text"] == percent(float(figure["value"]))
            if figure["table"] in ("stage_dropoff", "journey_totals") and figure["column"] == "n_people":
                assert int(figure["value"]) >= 10
    finally:
        con.close()


def test_every_rate_has_its_n_and_its_interval(published) -> None:
    """Whatever is a share: of journeys, of visits, of units. An end that fewer than k people came to is told without."""
    limits = {
        "share_of_journeys": "share",
        "probability": "probability",
        "dropoff_rate": "dropoff",
        "conversion_rate": "conversion",
    }
    rates = [one for one in Page(journey_map(published)).figures if one["column"] in limits]
    assert {one["column"] for one in rates} == {*limits}
    for figure in rates:
        ends = (
            in_table(published, figure | {"column": f"{limits[figure['column']]}_{end}"}) for end in ("low", "high")
        )
        is_few = figure["column"] == "probability" and int(in_table(published, figure | {"column": "n_people"})) < 10
        assert figure["interval"] == ("" if is_few else interval(*map(float, ends))), figure
        assert re.match(r"[\d,]+ of [\d,]+ ", figure["counted"]), figure


def test_a_stage_shows_its_reach_and_its_drop_off_in_words(published) -> None:
    page = Page(journey_map(published))
    cart = {"stage": "cart", "persona": "(all)", "period": "current"}
    assert figure_of(page, "stage_dropoff", "share_of_journeys", **cart)["text"] == "49.1%"
    assert figure_of(page, "stage_dropoff", "dropoff_rate", **cart)["text"] == "45.1%"
    drawings = [one["attrs"]["aria-label"] for one in page.all("svg", role="img") if not one["is_hidden"]]
    assert (
        drawings[1]
        == "49.1% of all journeys reach Cart; 22.2% of all leave for good here; 26.9% go on to the next stage."
    )
    assert "37 of 82" in page.shown_text


def test_the_first_view_is_everyone_in_the_current_period_and_needs_no_script(published) -> None:
    page = Page(journey_map(published))
    keys = [
        one["key"]
        for one in page.figures
        if not one["is_hidden"] and one["table"] in ("stage_dropoff", "transitions", "stage_touchpoint_use")
    ]
    assert keys
    assert {(key["journey"], key["persona"], key["period"]) for key in keys} == {("purchase", "(all)", "current")}


def test_stages_are_a_table_with_headers_that_a_screen_reader_reads(published) -> None:
    page = Page(journey_map(published))
    assert [one["text"] for one in page.all("th", scope="row") if not one["is_hidden"]] == [
        "Awareness",
        "Cart",
        "Purchase",
    ]
    assert {one["attrs"].get("role") for one in page.all("td")} == {"cell"}
    assert all(one["text"] for one in page.all("caption"))
    assert all(one["attrs"]["aria-label"] for one in page.all("svg", role="img"))


def test_a_journey_without_mature_ones_in_the_current_period_shows_all_days(published) -> None:
    html = journey_map(published)
    assert "No journey of the current period is mature yet, so this shows all days." in html
    published.execute("DELETE FROM journey_totals WHERE period <> 'all'").fetchall()
    page = Page(journey_map(published))
    assert [one["attrs"]["value"] for one in page.all("input", name="period")] == ["all", "current"]
    assert {
        one["key"]["period"] for one in page.figures if not one["is_hidden"] and one["table"] == "stage_dropoff"
    } == {"all"}


def test_a_persona_withheld_in_the_current_period_is_not_taken_for_one_without_mature_journeys(published) -> None:
    published.execute(
        "UPDATE journey_totals SET n_people = 9, n_journeys = 9 WHERE journey = 'purchase' AND persona = 'new' AND period = 'current'"
    ).fetchall()
    add_up(published, "journey_totals")
    tables = read(published)
    for period, is_told in (("current", False), ("all", True)):
        found = view(tables, tables.journeys[0], "new", period, "current")
        assert (found.note, bool(found.columns)) == (("", True) if is_told else (sentence_case(WITHHELD), False))


def test_a_kpi_that_nothing_measures_says_why(published) -> None:
    text = Page(journey_map(published)).shown_text
    assert "no touchpoint has the role rated" in text
    assert "none of the 17 cases is mature yet" in text


def test_a_kpi_says_met_or_missed_and_whether_that_is_certain(published) -> None:
    text = " ".join(Page(journey_map(published)).shown_text.split())
    assert "missed at most 70%" in text
    assert "met, not certain at least 27%" in text


def test_personas_with_pain_points_carry_a_mark(published) -> None:
    page = Page(journey_map(published))
    marks = [one["text"].strip() for one in page.all("span", **{"class": "mark"})]
    assert marks == ["1 pain point", "1 pain point"]
    assert "Leaving for good at Awareness" in page.shown_text


def also_pains(con: duckdb.DuckDBPyConnection, **changes: object) -> None:
    """Add a pain point that is the first one but for what is said."""
    replaced = ", ".join(f"${name} AS {name}" for name in changes)
    con.execute(
        f"INSERT INTO pain_points BY NAME SELECT * REPLACE ({replaced}) FROM pain_points WHERE pain_point_id = 'a1'",
        changes,
    ).fetchall()


def test_pain_points_are_numbered_within_their_map_by_what_hurts(published) -> None:
    """Leaving at Awareness is 1, of newcomers and of returning ones; at Cart 2; the mean rating, of the other journey, 1."""
    also_pains(published, pain_point_id="c3", rank=5, persona="returning")
    also_pains(published, pain_point_id="d4", rank=7, persona="returning", stage="cart")
    found = {}
    for section in journey_map(published).split("<section")[1:]:
        name = re.search(r'aria-label="([^"]+)"', section)[1]
        headlines, table = section.split("</ol>")[0], section.split("<table")[-1]
        found[name] = [
            re.findall(r"Number </span>(\d+)<", text) for text in (headlines, table) if "</table>" in section
        ]
    assert found["Purchase journey, Everyone"] == [["1", "2"], ["1", "1", "2"]]
    assert found["Purchase journey, Returning"] == [["1", "2"], ["1", "2"]]
    assert found["Support journey, Everyone"] == [["1"], ["1"]]


def test_pain_points_say_the_days_they_are_of_whatever_days_are_shown(published) -> None:
    html = journey_map(published)
    assert html.count("What hurts most: latest 10 days") == html.count('<ol class="headlines') > 2
    published.execute("DELETE FROM pain_points").fetchall()
    assert "No pain point in the latest 10 days: " in Page(journey_map(published)).shown_text


def test_who_succeeds_too_late_is_not_only_said_to_leave(published) -> None:
    """Of the stages of a purchase only the last one is success: whoever was dropped there had come too late."""
    published.execute("UPDATE stage_dropoff SET n_dropped = 2, dropoff_rate = 0.04 WHERE stage = 'purchase'").fetchall()
    said = [
        one["text"] for one in Page(journey_map(published)).all("p") if " leave" in one["text"] and not one["is_hidden"]
    ]
    assert ["too late" in text for text in said[:3]] == [False, False, True]
    assert "after the window has closed is counted among them" in said[-1]


@pytest.mark.parametrize("change", ["DROP TABLE pain_points", "DELETE FROM pain_points"])
def test_a_build_without_pain_points_says_so(published, change: str) -> None:
    published.execute(change).fetchall()
    page = Page(journey_map(published))
    assert "No pain point" in page.shown_text
    assert not page.all("span", **{"class": "mark"})


def test_too_few_people_are_not_told_of(published) -> None:
    published.execute(
        "UPDATE stage_dropoff SET n_people = 9, n_journeys = 9 WHERE stage = 'cart' AND persona = 'new'"
    ).fetchall()
    add_up(published, "stage_dropoff")
    published.execute(
        "UPDATE transitions SET n_people = 3 WHERE from_stage = 'awareness' AND to_stage = '(active)'"
    ).fetchall()
    page = Page(journey_map(published))
    told = [one["key"] for one in page.figures]
    hidden = [
        key
        for key in told
        if "cart" in (key.get("stage"), key.get("from_stage")) and key["persona"] in ("new", "returning")
    ]
    assert not hidden, "newcomers are too few, and returning ones would give them away"
    assert not [key for key in told if key.get("from_stage") == "awareness" and key["to_stage"] == "(active)"]
    assert "withheld: about too few people, or beside such" in journey_map(published)
    assert re.search(r"\d other ways, [\d.]+%, not named", page.shown_text), (
        "a single one would be the rest of the visits"
    )
    assert "rare" not in page.shown_text, "what is not named may be a large share"


def test_where_no_person_is_known_journeys_are_counted(published) -> None:
    for table in ("journey_totals", "stage_dropoff", "stage_touchpoint_use", "transitions", "kpi_status"):
        published.execute(f"UPDATE {table} SET n_people = 0").fetchall()
    page = Page(journey_map(published))
    assert "0 people" not in page.shown_text
    assert (
        figure_of(page, "stage_dropoff", "n_journeys", stage="cart", persona="(all)", period="current")["text"]
        == "82 journeys"
    )


def test_a_workspace_without_personas_of_its_own_shows_everyone_alone(published) -> None:
    published.execute("DELETE FROM journey_totals WHERE persona NOT IN ('(all)', 'other')").fetchall()
    page = Page(journey_map(published))
    assert {one["attrs"]["data-persona"] for one in page.all("section")} == {'["(all)"]'}
    assert not page.all("input", name="persona"), "there is nothing to choose"


def test_no_person_and_no_journey_is_named(published) -> None:
    html = journey_map(published)
    for (name,) in published.execute(
        "SELECT journey_id FROM journey_outcomes UNION SELECT person_id FROM journey_outcomes"
    ).fetchall():
        assert name not in html


def test_the_same_tables_give_the_same_bytes(published) -> None:
    with duckdb.connect() as again:
        assert journey_map(published) == journey_map(publish(again))


def test_markup_in_labels_never_becomes_markup(published) -> None:
    plain, page = Page(journey_map(published)), Page(journey_map(hostile(published)))
    assert {one["tag"] for one in page.elements} == {one["tag"] for one in plain.elements}
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert [one["attrs"]["href"] for one in page.all("a")] == [
        "#main",
        "journey_map.html",
        "journey_flow.html",
        "kpi_board.html",
    ]
    assert not [
        name
        for one in page.elements
        for name in one["attrs"]
        if name.startswith("on") or name == "style" or name == "autofocus"
    ]
    for figure in page.figures:
        assert figure["value"] == in_table(published, figure)


# ---- in a browser


def shown_view(page) -> str:
    return page.locator("section.view:visible").get_attribute("aria-label")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 768, 390])
def test_the_map_opens_from_disk_quietly_and_fits(published, open_page: Callable, width: int) -> None:
    opened = open_page(journey_map(published), width)
    assert opened.complaints == []
    assert opened.requests_beyond == []
    assert opened.overflow <= 0
    assert shown_view(opened.page) == "Purchase journey, Everyone"


@pytest.mark.browser
def test_a_persona_is_chosen_by_click_and_by_arrow(published, open_page: Callable) -> None:
    page = open_page(journey_map(published)).page
    page.get_by_role("radio", name=re.compile("Newcomers")).check()
    assert shown_view(page) == "Purchase journey, Newcomers"
    page.keyboard.press("ArrowRight")
    assert shown_view(page) == "Purchase journey, Returning"
    page.keyboard.press("ArrowLeft")
    page.get_by_role("radio", name="Support journey").check()
    page.get_by_role("radio", name="All days").check()
    assert shown_view(page) == "Support journey, Newcomers"
    page.reload()
    assert shown_view(page) == "Support journey, Newcomers"
    assert (
        page.get_by_role("link", name="KPIs").get_attribute("href").endswith("#journey=support&persona=new&period=all")
    )


@pytest.mark.browser
def test_a_persona_that_a_journey_lacks_gives_way_to_everyone(published, open_page: Callable) -> None:
    page = open_page(journey_map(published)).page
    page.get_by_role("radio", name=re.compile("Returning")).check()
    page.get_by_role("radio", name="Support journey").check()
    assert shown_view(page) == "Support journey, Everyone"
    assert page.get_by_role("radio", name=re.compile("Returning")).count() == 0


@pytest.mark.browser
def test_a_figure_opens_its_evidence_by_key_and_its_query_gives_the_value(published, open_page: Callable) -> None:
    page = open_page(journey_map(published)).page
    figure = page.locator("section.view:visible td .leave .fig").first
    figure.focus()
    page.keyboard.press("Enter")
    evidence = page.get_by_role("dialog", name="Evidence")
    assert "71 of 125 journeys" in evidence.inner_text()
    assert "95% interval" in evidence.inner_text()
    found = published.execute(evidence.locator("pre").inner_text()).fetchall()
    assert repr(found[0][0]) == figure.get_attribute("data-value")
    page.keyboard.press("Escape")
    assert not evidence.is_visible()
    assert figure.evaluate("element => element === document.activeElement")


@pytest.mark.browser
def test_the_query_of_a_hostile_key_still_gives_the_value(published, open_page: Callable) -> None:
    page = open_page(journey_map(hostile(published))).page
    figure = page.locator("section.view:visible td.doing .fig").first
    figure.click()
    query = page.get_by_role("dialog", name="Evidence").locator("pre").inner_text()
    assert repr(published.execute(query).fetchall()[0][0]) == figure.get_attribute("data-value")


@pytest.mark.browser
def test_hostile_labels_run_nothing_in_a_browser(published, open_page: Callable) -> None:
    opened = open_page(journey_map(hostile(published)))
    opened.page.locator("section.view:visible .fig").last.click()
    assert opened.page.evaluate("window.__x") is None
    assert opened.complaints == []
    assert opened.requests_beyond == []


@pytest.mark.browser
def test_without_scripts_everyone_is_readable(published, open_page: Callable) -> None:
    page = open_page(journey_map(published), java_script_enabled=False).page
    assert shown_view(page) == "Purchase journey, Everyone"
    assert page.locator(".switches").is_hidden()
    assert page.get_by_text("49.1%").first.is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("is_touched", [True, False])
def test_what_opens_evidence_is_underlined_where_no_mouse_can_come_near(
    published, open_page: Callable, is_touched: bool
) -> None:
    page = open_page(journey_map(published), 390, has_touch=is_touched, is_mobile=is_touched).page
    figure = page.locator("section.view:visible td .leave .fig").first
    await_underline(figure, is_touched)
    if not is_touched:
        figure.hover()
        await_underline(figure, True)


def await_underline(figure, is_underlined: bool) -> None:
    """Wait until a figure is underlined, or is not: the line fades in and out, also when a page opens."""
    figure.page.wait_for_function(
        "([figure, is]) => (getComputedStyle(figure).textDecorationColor !== 'rgba(0, 0, 0, 0)') === is",
        arg=[figure.element_handle(), is_underlined],
        timeout=10_000,
    )


@pytest.mark.browser
def test_a_print_holds_one_persona_on_light_ground(published, open_page: Callable) -> None:
    page = open_page(journey_map(published), color_scheme="dark").page
    page.emulate_media(media="print")
    assert page.locator("section.view:visible").count() == 1
    assert page.locator(".switches").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 28, 45)"


@pytest.mark.browser
def test_on_a_phone_each_stage_is_a_card_with_its_rows_named(published, open_page: Callable) -> None:
    page = open_page(journey_map(published), 390).page
    boxes = [page.locator("section.view:visible tbody tr").nth(number).bounding_box() for number in range(3)]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] < boxes[2]["y"]
    name = page.locator("section.view:visible td.doing").first.evaluate(
        "cell => getComputedStyle(cell, '::before').content"
    )
    assert "Doing" in name


def test_the_share_of_ways_not_named_is_the_same_in_any_order() -> None:
    counts = (1, 2, 3, 4, 7)
    ways = [
        {
            "from_stage": "cart",
            "to_stage": f"stage {number}",
            "n_transitions": n,
            "probability": n / sum(counts),
            "probability_low": None,
            "probability_high": None,
            "is_rare": True,
        }
        for number, n in enumerate(counts)
    ]
    said = {nexts(some, "Cart", {}, {}).unnamed for some in permutations(ways)}
    assert said == {"5 ways, 100%, not named"}
