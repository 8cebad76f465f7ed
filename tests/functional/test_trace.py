"""A figure can be followed: from the page to the table, to the rows it counts, to the landed files, to the source."""

import json
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

import pyarrow.parquet as pq
import pytest

from connectors import manifest
from pipelines.run import Outcome


class Cells(HTMLParser):
    """Collect the figures of a page: which table and key they say they come from, and their value."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        cell = {key: value or "" for key, value in attrs if key.startswith("data-")}
        if {"data-table", "data-key", "data-value"} <= cell.keys():
            self.found.append(cell)


def figures(page: str, table: str) -> list[dict[str, Any]]:
    """Read the figures of one table from a page."""
    reader = Cells()
    reader.feed(page)
    return [cell for cell in reader.found if cell["data-table"] == table]


@pytest.mark.xdist_group("demo")
def test_a_mean_rating_leads_from_the_board_to_the_tickets_it_came_from(demo_shop: Outcome, open_tables) -> None:
    con = open_tables(demo_shop)
    page = demo_shop.files["kpis"].read_text()
    [(shown, n_units, first_on, last_on)] = con.execute("""
        SELECT value, n_units, first_on, last_on FROM kpi_status WHERE kpi = 'csat_mean' AND persona = '(all)' AND period = 'current'
    """).fetchall()

    # 1. The page shows what the table says.
    on_page = {
        float(cell["data-value"])
        for cell in figures(page, "kpi_status")
        if "csat_mean" in cell["data-key"] and cell["data-value"]
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
    con = open_tables(demo_shop)
    reader = Cells()
    reader.feed(demo_shop.files[page].read_text())
    assert len(reader.found) > 50
    tables: dict[str, list[dict[str, Any]]] = {}
    for cell in reader.found:
        name, key = cell["data-table"], dict(parse_qsl(cell["data-key"]))
        if name not in tables:
            tables[name] = con.execute(f"SELECT * FROM {name}").fetchdf().astype(object).to_dict("records")
        [row] = [row for row in tables[name] if all(str(row[column]) == value for column, value in key.items())]
        if cell["data-value"]:  # else withheld, or nothing was measured
            assert float(cell["data-value"]) == pytest.approx(float(row[cell["data-column"]]), rel=1e-9), cell
