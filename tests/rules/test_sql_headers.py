"""What every model of sql/ promises in its header."""

import re
from collections.abc import Iterator
from typing import get_args

import duckdb
import pytest

from connectors.engine import run
from pipelines import models
from pipelines.definition_parts import Role
from pipelines.incremental import upstream
from tests.drawn_warehouse import pour, shapes, warehouse

MODELS, CHECKS, KPIS = models.models(), models.checks(), models.kpi_models()
FILES = {path.stem: path for path in models.SQL.rglob("*.sql") if path.parent.name != "engine"}


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table, without a row."""
    con = warehouse()
    for name in shapes():
        pour(con, name, [])
    yield con
    con.close()


@pytest.mark.parametrize("name", MODELS)
def test_the_header_lists_exactly_the_tables_the_select_reads(name):
    assert set(MODELS[name].reads) == models.tables_read(MODELS[name].sql)


@pytest.mark.parametrize("name", MODELS)
def test_the_header_says_what_a_row_is_its_key_and_its_partition(name):
    header = MODELS[name].header
    assert FILES[name].read_text().startswith(f"-- {name}: one row per ")
    assert header["partition"] in (
        "delivery",
        "stream",
        "event",
        "person",
        "journey",
        "as_of",
        "unit",
        "cluster",
        "sum",
        "none",
    )
    assert header.get("kind", "view") == "view"
    assert header.get("since", "no") in {"no", *shapes()[name]}
    assert set(header) <= {
        "key",
        "partition",
        "publish",
        "kind",
        "since",
        "reads",
        "title",
        "statistic",
        "unit",
        "direction",
        "roles",
        "window",
    }
    assert header.get("publish", "no") in ("no", "work")


@pytest.mark.parametrize("name", MODELS)
def test_the_key_is_a_key_on_a_sample_with_rows(name, sample):
    key = MODELS[name].header["key"]
    assert run(sample, f"SELECT count(*) > 0 FROM {name}") == [(True,)]
    assert run(sample, f"SELECT {key}, count(*) FROM {name} GROUP BY {key} HAVING count(*) > 1") == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_runs_as_it_is_in_the_shell_once_the_words_of_the_engine_are_read(name, empty):
    text = FILES[name].read_text()
    assert text.endswith(";\n")
    assert [statement.type for statement in duckdb.extract_statements(text)] == [duckdb.StatementType.SELECT]
    assert len(run(empty, text)) <= 1


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_a_template_or_takes_parameters(name):
    code = re.sub(r"'[^']*'|--[^\n]*", "", FILES[name].read_text())
    assert re.findall(r"\{|\}|\$|\?|getvariable", code) == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_named_after_a_table_and_its_claim_and_stops_or_warns(name):
    assert name.split("__")[0] in MODELS
    assert FILES[name].read_text().startswith(f"-- {name}: ")
    assert CHECKS[name].header.get("severity", "warn") == "warn"


@pytest.mark.parametrize("name", KPIS)
def test_a_kpi_says_what_it_is_rests_on_known_roles_and_is_among_the_units(name, empty):
    header = KPIS[name].header
    assert header["title"]
    assert (header["statistic"], header["unit"]) in {("rate", "share"), ("mean", "points"), ("median", "hours")}
    assert header["direction"] in ("higher", "lower")
    assert set(KPIS[name].roles) <= set(get_args(Role))
    said = KPIS[name].sql + "".join(MODELS[table].sql for table in upstream((name,)) if table in MODELS)
    assert [role for role in KPIS[name].roles if f"'{role}'" not in said] == []
    assert name in MODELS["kpi_units"].reads
    assert f"'{name}' AS kpi" in MODELS["kpi_units"].sql
    units = {"unit_id", "person_id", "subject_id", "entered_at", "value", "matures_at"}
    is_of_journey_or_session = {"journeys", "sessions"} & {*KPIS[name].reads}
    assert set(shapes()[name]) == (units | {"persona"} if is_of_journey_or_session else units)


@pytest.mark.parametrize("name", KPIS)
def test_the_file_of_a_kpi_runs_as_it_is_on_what_is_published(name):
    """All that it reads is kept in the file, before analysts or in the schema work."""
    assert [table for table in KPIS[name].reads if table in MODELS and MODELS[table].schema == "scratch.main"] == []
