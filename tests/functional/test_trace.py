"""A figure can be followed: from the page to the table, to the rows it counts, to the landed files, to the source."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors import manifest
from pipelines.inspection import show
from pipelines.run import Outcome
from pipelines.workspace import Workspace
from tests.reports.html_reader import Page


@pytest.mark.xdist_group("demo")
def test_a_mean_rating_leads_from_the_board_to_the_tickets_it_came_from(demo_shop: Outcome, open_tables) -> None:
    con = open_tables(demo_shop)
    page = demo_shop.files["kpis"].read_text()
    [(shown, n_units, first_on, last_on)] = con.execute("""
        SELECT value, n_units, first_on, last_on FROM kpi_status WHERE kpi = 'csat_mean' AND persona = '(all)' AND period = 'current'
    """).fetchall()

    # 1. The page shows what the table says.
    on_page = {
        float(figure["value"])
        for figure in Page(page).figures
        if figure["table"] == "kpi_status" and figure["key"]["kpi"] == "csat_mean" and figure["value"]
    }
    assert any(value == pytest.approx(shown, rel=1e-6) for value in on_page)

    # 2. The table says what its units add up to.
    units = con.execute(
        """SELECT unit_id, value FROM kpi_units JOIN kpi_targets USING (kpi)
        WHERE kpi = 'csat_mean' AND (matures_at IS NULL OR matures_at <= as_of) AND entered_on BETWEEN $a AND $b""",
        {"a": first_on, "b": last_on},
    ).fetchall()
    assert len(units) == n_units
    assert sum(value for _, value in units) / n_units == pytest.approx(shown)

    # 3. Each unit is an event that landed, in a file that the manifest lists, with this rating.
    landing = demo_shop.workspace / "landing"
    landed = {}
    for entry in manifest.read(landing):
        if entry.events and entry.source == "support":
            for row in pq.read_table(
                landing / entry.events.path, columns=["event_id", "rating", "ticket_id", "updated_at"]
            ).to_pylist():
                landed[f"{entry.source}:{row['event_id']}"] = row
    assert [landed[unit]["rating"] for unit, _ in units] == [value for _, value in units]

    # 4. And each landed event is what the help desk's API said.
    desk = json.loads((demo_shop.workspace / "shop" / "tickets.json").read_text())["tickets"]
    said = {
        str(ticket["id"]): next((field["value"] for field in ticket["custom_fields"] if field["id"] == 360001), None)
        for ticket in desk
    }
    assert [float(said[landed[unit]["ticket_id"]]) for unit, _ in units] == [value for _, value in units]


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("page", ["map", "kpis"])
def test_every_figure_on_a_page_equals_the_cell_it_names(demo_shop: Outcome, open_tables, page: str) -> None:
    """The figures of the flow are drawn from paths, not from cells: tests/reports/test_journey_flow.py."""
    con = open_tables(demo_shop)
    figures = Page(demo_shop.files[page].read_text()).figures
    assert len(figures) > 50
    tables: dict[str, list[dict[str, Any]]] = {}
    for figure in figures:
        name = figure["table"]
        if name not in tables:
            tables[name] = con.execute(f"SELECT * FROM {name}").fetchdf().astype(object).to_dict("records")
        [row] = [
            row for row in tables[name] if all(str(row[column]) == value for column, value in figure["key"].items())
        ]
        if figure["value"]:  # else withheld, or nothing was measured
            assert float(figure["value"]) == pytest.approx(float(row[figure["column"]]), rel=1e-9), figure


@pytest.mark.xdist_group("demo")
def test_the_queries_of_the_readme_lead_from_a_figure_to_its_units_and_their_events(
    demo_shop: Outcome, open_tables
) -> None:
    con = open_tables(demo_shop)
    text = (Path(__file__).parents[2] / "sql" / "README.md").read_text().split("## From a figure to what landed")[1]
    units, events = (con.execute(query).fetchdf() for query in re.findall(r"```sql\n(.*?)```", text, re.DOTALL))
    cell = "kpi = 'cart_abandonment_rate' AND persona = '(all)' AND period = 'current'"
    assert con.execute(f"SELECT n_units, value FROM kpi_status WHERE {cell}").fetchall() == [
        (len(units), pytest.approx(units["value"].mean()))
    ]
    landed = show(Workspace(demo_shop.workspace), events["event_id"].iloc[0])
    assert (landed["file_id"], landed["line_no"]) == (events["file_id"].iloc[0], events["line_no"].iloc[0])
