"""The flow page: what it draws is what the library counts and what its tables say, and nobody can be told from it."""

import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from html import unescape
from html.parser import HTMLParser

import duckdb
import pandas as pd
import pytest

from journey_mining import funnel, sankey
from journey_mining.figures import END_COLOURS, GREY
from pipelines.journey_flow import MAX_VISITS, journey_flow
from pipelines.wording import count, percent
from tests.reports.published import PATHS, add_up, publish


class Rows(HTMLParser):
    """The rows of every table of a page, cell by cell, below the id of the diagram before it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
        self.view = self.table = ""
        self.is_cell = False

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "section":
            self.view = values["aria-label"]
        if tag == "table":
            self.table = values["class"].split()[-1]
        if tag == "tr":
            self.rows[self.view, self.table].append([])
        if tag in ("td", "th"):
            self.rows[self.view, self.table][-1].append("")
        self.is_cell = tag in ("td", "th")

    def handle_endtag(self, tag):
        self.is_cell = False

    def handle_data(self, data):
        if self.is_cell:
            self.rows[self.view, self.table][-1][-1] += data


def tables_of(html: str) -> dict[tuple[str, str], list[list[str]]]:
    """The rows of each table, without its heading, by view ('Purchase journey, Everyone') and kind ('links' or 'rungs')."""
    parser = Rows()
    parser.feed(html)
    return {key: rows[1:] for key, rows in parser.rows.items()}


def figures_of(html: str) -> dict[str, dict]:
    """Every figure of a page by the id of its place."""
    found = re.findall(r'<script type="application/json" id="([^"]+)-data">(.*?)</script>', html, re.S)
    return {name: json.loads(text) for name, text in found}


def steps_of(con: duckdb.DuckDBPyConnection, journey: str, persona: str = "(all)") -> pd.DataFrame:
    """The steps of mature journeys, as an analyst would select them."""
    return con.execute(
        "SELECT s.journey_id, s.person_id, s.step_number, s.occurred_at, s.stage, s.touchpoint, o.outcome FROM journey_steps AS s"
        " JOIN journey_outcomes AS o USING (journey_id) WHERE s.journey = ? AND o.is_mature AND (? = '(all)' OR o.persona = ?)",
        [journey, persona, persona],
    ).df()


def totals(figure: dict) -> tuple[Counter, Counter]:
    """What flows into and out of each node of a figure, by number."""
    into, out = Counter(), Counter()
    link = figure["data"][0]["link"]
    for source, target, value in zip(link["source"], link["target"], link["value"], strict=True):
        out[source] += value
        into[target] += value
    return into, out


@pytest.fixture
def page(published) -> str:
    return journey_flow(published)


# ---- the numbers


def test_what_flows_into_a_node_flows_out_of_it_or_ends_there(page):
    for name, figure in figures_of(page).items():
        into, out = totals(figure)
        ends = [node for node in range(len(figure["data"][0]["node"]["label"])) if not out[node]]
        starts = [node for node in range(len(figure["data"][0]["node"]["label"])) if not into[node]]
        assert all(into[node] == out[node] for node in into if node not in ends), name
        assert sum(out[node] for node in starts) == sum(into[node] for node in ends), name


def test_the_ends_add_up_to_what_became_of_the_journeys(page, published):
    node = (figure := figures_of(page)["flow-0-0"])["data"][0]["node"]
    into, out = totals(figure)
    found = Counter()
    for number, label in enumerate(node["label"]):
        if not out[number]:
            found[label.split()[1]] += into[number]
    query = "SELECT n_succeeded, n_dropped, n_active FROM journey_totals WHERE journey = 'purchase' AND persona = '(all)' AND period = 'all'"
    succeeded, dropped, active = published.execute(query).fetchall()[0]
    assert found == {"Success": succeeded, "Dropped": dropped, "Active": active}


def test_the_diagram_draws_the_numbers_of_the_table_below_it(page):
    figures, tables = figures_of(page), tables_of(page)
    views = {
        "flow-0-0": "Purchase journey, Everyone",
        "flow-0-1": "Purchase journey, Newcomers",
        "flow-1-0": "Support journey, Everyone",
    }
    for name, view in views.items():
        link = figures[name]["data"][0]["link"]
        drawn = Counter(
            (unescape(re.findall("<b>(.*?)</b>", text)[0]), count(n))
            for text, n in zip(link["customdata"], link["value"], strict=True)
        )
        assert drawn == Counter((f"{row[1]} → {row[2]}", row[3]) for row in tables[view, "links"]), view


def test_the_diagram_draws_the_numbers_of_the_library(page, published):
    for persona, view in [("(all)", "Purchase journey, Everyone"), ("returning", "Purchase journey, Returning")]:
        counted = Counter()
        for link in sankey(steps_of(published, "purchase", persona), max_steps=MAX_VISITS, top=3).itertuples():
            if link.n_journeys >= 10:
                counted[link.source.strip("()").title(), link.target.strip("()").title(), count(link.n_journeys)] += 1
        rows = Counter((row[1].strip("✓✕→… "), row[2].strip("✓✕→… "), row[3]) for row in tables_of(page)[view, "links"])
        assert counted, "the sample is too small to see anything"
        assert counted == rows


def test_the_funnel_shows_the_numbers_of_the_library(page, published):
    steps = steps_of(published, "purchase")
    found = funnel(steps, ["awareness", "cart", "purchase"], "7d", as_of=datetime.max)
    rows = tables_of(page)["Purchase journey, Everyone", "rungs"]
    assert [row[:4] for row in rows] == [
        [label, count(one.n_journeys), count(one.n_people), percent(one.share_of_first)]
        for label, one in zip(["Awareness", "Cart", "Purchase"], found.itertuples(), strict=True)
    ]
    assert [row[7] for row in rows] == ["", *(count(one.n_lost) for one in list(found.itertuples())[1:])]
    assert f'<rect width="{round(100 * found.share_of_first[1], 3)}%"' in page


def test_a_closer_look_draws_the_same_links_where_few_come_to_a_second_visit(page):
    assert "flow-0-0-closer" not in figures_of(page)
    con = publish(duckdb.connect(), [*PATHS, ("purchase", "new", "current", "cart", "dropped", 300)])
    figures = figures_of(journey_flow(con))
    con.close()
    whole, closer = (
        Counter(figures[name]["data"][0]["link"]["customdata"]) for name in ("flow-0-0", "flow-0-0-closer")
    )
    assert closer
    assert closer < whole


def test_the_same_tables_make_the_same_bytes(page):
    other = duckdb.connect()
    publish(other)
    other.execute(
        "CREATE OR REPLACE TABLE journey_steps AS SELECT * FROM journey_steps ORDER BY hash(journey_id || step_number)"
    ).fetchall()
    assert journey_flow(other) == page
    other.close()


def test_a_persona_of_too_few_people_is_withheld(published):
    published.execute("UPDATE journey_totals SET n_people = 9 WHERE persona = 'other'").fetchall()
    add_up(published, "journey_totals")
    html = journey_flow(published)
    assert not tables_of(html).get(("Purchase journey, Everyone else", "links"))
    assert not tables_of(html).get(("Purchase journey, Returning", "links")), (
        "the smallest other persona would be told by the difference"
    )


def told_as_withheld(html: str) -> int:
    """The number of cells that the foot of a page tells of."""
    found = re.search(r"([\d,]+) cells? withheld: about too few people, or beside such", html)
    return int(found[1].replace(",", "")) if found else 0


def test_the_page_counts_the_diagrams_and_the_stages_that_it_withholds(page, published):
    """Of two personas that are withheld the diagram and all three stages of the funnel, however far theirs come."""
    published.execute("UPDATE journey_totals SET n_people = 9 WHERE persona = 'other'").fetchall()
    add_up(published, "journey_totals")
    html = journey_flow(published)
    drawn, left = tables_of(page), tables_of(html)
    n_diagrams = sum(kind == "links" for _, kind in drawn.keys() - left.keys())
    assert n_diagrams == 2
    assert (told_as_withheld(page), told_as_withheld(html)) == (0, 2 * (1 + 3))


def test_a_workspace_without_personas_of_its_own_shows_everyone_alone():
    con = publish(duckdb.connect(), [(path[0], "other", *path[2:]) for path in PATHS if path[1] == "new"])
    html = journey_flow(con)
    con.close()
    assert {view for view, _ in tables_of(html)} == {"Purchase journey, Everyone", "Support journey, Everyone"}
    assert 'name="persona"' not in html.replace(journey_flow_scripts(html), ""), "there is nothing to choose"


def test_an_end_merged_of_dropped_and_active_looks_like_neither():
    """5 people are too few to be told as active, so they and the 12 who are dropped are one node; the 20 of Cart are lost alone."""
    ways = [("awareness", "dropped", 12), ("awareness", "active", 5), ("awareness cart", "dropped", 20)]
    con = publish(duckdb.connect(), [("purchase", "new", "current", *way) for way in ways])
    figure = figures_of(journey_flow(con))["flow-0-0"]
    con.close()
    node = figure["data"][0]["node"]
    colour = {label.rsplit(" ", 1)[0]: one for label, one in zip(node["label"], node["color"], strict=True)}
    assert colour["Dropped/Active"] == GREY
    assert colour["✕ Dropped"] == END_COLOURS["(dropped)"]
    assert [node["label"][number].rsplit(" ", 1)[0] for number in figure["layout"]["meta"]["losses"]] == ["✕ Dropped"]


# ---- hostile names

HOSTILE = (
    "<script>window.__x = 1</script>",
    "<img src=x onerror='window.__x = 1'>",
    "<a href='https://evil.example'>go</a>",
    "</script><b>bold</b>",
    "{{ 7 * 7 }}",
    "%{value}",
    "javascript:window.__x=1",
    '"><svg onload=window.__x=1>',
    "$x^2$",
    "& \u2028 'quoted'",
)


def made_hostile(con: duckdb.DuckDBPyConnection) -> str:
    """The page of tables whose every label is an attack."""
    for number, (stage,) in enumerate(con.execute("SELECT stage FROM stages ORDER BY ALL").fetchall()):
        con.execute("UPDATE stages SET label = ? WHERE stage = ?", [HOSTILE[number % len(HOSTILE)], stage]).fetchall()
    for table, column, key in (("personas", "label", "persona"), ("journey_definitions", "label", "journey")):
        for number, (name,) in enumerate(con.execute(f"SELECT {key} FROM {table} ORDER BY ALL").fetchall()):
            con.execute(
                f"UPDATE {table} SET {column} = ? WHERE {key} = ?", [HOSTILE[-number - 1] + HOSTILE[number], name]
            ).fetchall()
    return journey_flow(con)


def test_a_label_is_text_wherever_it_stands(published):
    html = made_hostile(published)
    own = html.replace(journey_flow_scripts(html), "")
    assert not re.search(r"<(img|b>|a href='https|script>window|svg onload)", own)
    for figure in figures_of(html).values():
        sankey = figure["data"][0]
        assert not any(re.search("[<>]", label) for label in sankey["node"]["label"])
        for text in (*sankey["node"]["customdata"], *sankey["link"]["customdata"]):
            assert set(re.findall("<[^>]*>", text)) <= {"<b>", "</b>", "<br>"}


def journey_flow_scripts(html: str) -> str:
    """The part of the page that is nothing but scripts and styles of our own."""
    return html[html.index("<script>") : html.rindex("</script>")]


def test_the_policy_allows_the_scripts_of_the_page_and_nothing_else(page):
    policy = unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[0])
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


# ---- in a browser


@pytest.mark.browser
def test_the_page_draws_itself_without_a_complaint_and_asks_for_nothing(page, open_page):
    opened = open_page(page)
    opened.page.wait_for_selector("#flow-0-0 .sankey-node")
    opened.page.locator("input[name=persona][value=new]").check()
    opened.page.wait_for_selector("#flow-0-1 .sankey-node")
    assert opened.page.locator("#flow-0-0").is_hidden()
    opened.page.locator("input[name=journey][value=support]").check()
    opened.page.wait_for_selector("#flow-1-1 .sankey-node")
    assert (opened.complaints, opened.requests_beyond) == ([], [])


@pytest.mark.browser
def test_height_is_volume_and_what_is_lost_is_hatched(page, open_page):
    opened = open_page(page)
    opened.page.wait_for_selector("#flow-0-0 .sankey-node")
    rects = opened.page.evaluate(
        "[...document.querySelectorAll('#flow-0-0 .node-rect')].map((rect) => [+rect.getAttribute('height'), rect.style.fill])"
    )
    figure = figures_of(page)["flow-0-0"]
    into, out = totals(figure)
    volumes = [into[number] or out[number] for number in range(len(rects))]
    scale = max(height for height, _ in rects) / max(volumes)
    assert [height for height, _ in rects] == pytest.approx([max(0.5, volume * scale) for volume in volumes], abs=0.6)
    assert {number for number, (_, fill) in enumerate(rects) if "hatch" in fill} == set(
        figure["layout"]["meta"]["losses"]
    )
    assert figure["layout"]["meta"]["losses"]
    labels = opened.page.locator("#flow-0-0 .node-label").all_text_contents()
    assert labels == figure["data"][0]["node"]["label"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_only_the_diagram_scrolls_sideways_and_by_keyboard_too(page, open_page, width):
    opened = open_page(page, width=width)
    opened.page.wait_for_selector("#flow-0-0 .sankey-node")
    assert opened.overflow <= 0
    frame = opened.page.locator(".scroll:has(> #flow-0-0)")
    frame.focus()
    needed = figures_of(page)["flow-0-0"]["layout"]["meta"]["width"]
    assert frame.evaluate("(frame) => frame.scrollWidth") >= needed
    is_wider = frame.evaluate("(frame) => frame.scrollWidth > frame.clientWidth")
    assert opened.page.locator("section:not([hidden]) .sideways").first.is_visible() == is_wider
    if is_wider:
        opened.page.keyboard.press("ArrowRight")
        opened.page.wait_for_timeout(500)
        assert frame.evaluate("(frame) => frame.scrollLeft") > 0


@pytest.mark.browser
def test_hostile_names_stay_text_in_the_browser(published, open_page):
    opened = open_page(made_hostile(published))
    for name in ("(all)", "new"):
        opened.page.locator(f"input[name=persona][value='{name}']").check()
        opened.page.wait_for_selector("section:not([hidden]) .sankey-node")
    opened.page.locator("section:not([hidden]) .node-rect").nth(1).hover()
    opened.page.wait_for_selector(".hoverlayer .hovertext")
    assert opened.page.evaluate("window.__x") is None
    assert opened.page.locator("main a, .sankey a, main img, main b").count() == 0
    assert (
        "<script>"
        in opened.page.locator("section:not([hidden]) .sankey").first.text_content()
        + opened.page.locator("h1").first.text_content()
    )
    assert (opened.complaints, opened.requests_beyond) == ([], [])
