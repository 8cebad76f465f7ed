"""What every model of sql/ promises in its header, and what its SELECT may use."""

import re
from collections.abc import Iterator
from typing import get_args

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from connectors.engine import run
from pipelines import models
from pipelines.definition import Role
from tests.drawn import pour, shapes, warehouse
from tests.sample import everything

MODELS, CHECKS, KPIS = models.models(), models.checks(), models.kpi_models()
FILES = {path.stem: path for path in models.SQL.rglob("*.sql") if path.parent.name != "engine"}
MACROS = set(re.findall(r"MACRO (\w+)\(", (models.SQL / "engine" / "duckdb.sql").read_text()))


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table, without a row."""
    con = warehouse()
    for name in shapes():
        pour(con, name, [])
    yield con
    con.close()


@pytest.fixture(scope="module")
def sample() -> Iterator[duckdb.DuckDBPyConnection]:
    con = everything()
    yield con
    con.close()


@pytest.mark.parametrize("name", MODELS)
def test_the_header_lists_exactly_the_tables_the_select_reads(name):
    assert set(MODELS[name].reads) == models.tables_read(MODELS[name].sql)


@pytest.mark.parametrize("name", MODELS)
def test_the_header_says_what_a_row_is_its_key_and_its_partition(name):
    header = MODELS[name].header
    assert FILES[name].read_text().startswith(f"-- {name}: one row per ")
    assert header["partition"] in ("delivery", "event", "person", "stream", "subject", "none")
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
    said = KPIS[name].sql + "".join(MODELS[table].sql for table in KPIS[name].reads if table in MODELS)
    assert [role for role in KPIS[name].roles if f"'{role}'" not in said] == []
    assert name in MODELS["kpi_units"].reads
    assert f"'{name}' AS kpi" in MODELS["kpi_units"].sql
    assert set(shapes()[name]) == {"unit_id", "person_id", "subject_id", "entered_at", "value", "matures_at"}


# ---- windows

LAST = {"event_id", "unit_id", "session_id", "step_number", "visit_number", "first_touch_number", "visit_no", "line_no"}
"""What an order ends in when it is total within its partition."""


def unordered(sql: str) -> list[str]:
    """The windows whose rows may come in more than one order; an aggregate over a whole partition needs none."""
    found = []
    for window in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Window):
        order = window.args.get("order")
        is_named_elsewhere = window.args.get("alias") is not None and order is None
        is_whole = order is None and isinstance(window.this, exp.Sum | exp.Count)
        is_total = order is not None and order.expressions[-1].this.name in LAST
        if not (is_named_elsewhere or is_whole or is_total):
            found.append(window.sql("duckdb"))
    return found


@pytest.mark.parametrize("name", [*MODELS, *CHECKS])
def test_every_window_has_a_total_order(name):
    assert unordered({**MODELS, **CHECKS}[name].sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT row_number() OVER (PARTITION BY person_id ORDER BY occurred_at) FROM events",
        "SELECT row_number() OVER (PARTITION BY person_id) FROM events",
        "SELECT lag(x) OVER w FROM events WINDOW w AS (PARTITION BY person_id ORDER BY occurred_at)",
    ],
)
def test_a_window_without_a_total_order_is_found(sql):
    assert len(unordered(sql)) == 1


# ---- portability

ALLOWED = {
    "Add",
    "Alias",
    "And",
    "Anonymous",
    "Between",
    "Boolean",
    "CTE",
    "Case",
    "Cast",
    "Ceil",
    "Coalesce",
    "Column",
    "Count",
    "DPipe",
    "DataType",
    "DataTypeParam",
    "Distinct",
    "Div",
    "EQ",
    "Escape",
    "Exists",
    "FirstValue",
    "Floor",
    "From",
    "GT",
    "GTE",
    "Greatest",
    "Group",
    "Grouping",
    "GroupingSets",
    "Having",
    "Identifier",
    "If",
    "IgnoreNulls",
    "In",
    "IntDiv",
    "Is",
    "Join",
    "LT",
    "LTE",
    "Lag",
    "LastValue",
    "Lead",
    "Least",
    "Like",
    "Literal",
    "Max",
    "Min",
    "Mul",
    "NEQ",
    "Neg",
    "Not",
    "Null",
    "NullSafeEQ",
    "Nullif",
    "Or",
    "Order",
    "Ordered",
    "Paren",
    "PercentileCont",
    "RowNumber",
    "Select",
    "SplitPart",
    "Sqrt",
    "Star",
    "StartsWith",
    "Sub",
    "Subquery",
    "Sum",
    "Table",
    "TableAlias",
    "TimestampTrunc",
    "Tuple",
    "Union",
    "Var",
    "Where",
    "Window",
    "WindowSpec",
    "With",
    "WithinGroup",
}
"""What DuckDB and Spark read alike, as sqlglot names it. What is not here needs a macro in sql/engine, or a test on both."""


def refused(sql: str) -> set[str]:
    """What of a SELECT other engines read differently, or not at all."""
    found = set()
    for node in sqlglot.parse_one(sql, read="duckdb").walk():
        match node:
            case exp.Anonymous() if node.name not in MACROS:
                found.add(node.name)
            case exp.Join() if node.args.get("method"):
                found.add(f"{node.args['method']} JOIN")
            case exp.Group() if node.args.get("all"):
                found.add("GROUP BY ALL")
            case exp.PercentileCont() if not isinstance(node.parent, exp.WithinGroup):
                found.add("PercentileCont without WITHIN GROUP")
            case exp.Select() if node.args.get("qualify"):
                found.add("QUALIFY")
            case _ if type(node).__name__ not in ALLOWED:
                found.add(type(node).__name__)
    return found


@pytest.mark.parametrize("name", [*MODELS, *CHECKS])
def test_a_select_is_written_in_what_every_engine_reads_alike(name):
    assert refused({**MODELS, **CHECKS}[name].sql) == set()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a ASOF JOIN b ON a.x = b.x AND a.t >= b.t",
        "SELECT list(x ORDER BY y) FROM a",
        "SELECT string_agg(x, ',' ORDER BY y) FROM a",
        "PIVOT a ON x USING sum(y)",
        "SELECT date_diff('second', a, b) FROM x",
        "SELECT x FROM a QUALIFY row_number() OVER (ORDER BY x) = 1",
        "SELECT x[1:3] FROM a",
        "SELECT * FROM a GROUP BY ALL",
        "SELECT count(*) FILTER (x) FROM a",
        "SELECT quantile_cont(x, 0.5) FROM a",
        "SELECT arg_min(x, y) FROM a",
        "SELECT hash(x) FROM a",
        "SELECT dayofweek(x) FROM a",
        "SELECT epoch_us(x) FROM a",
        "SELECT random()",
        "SELECT now()",
        "SELECT COLUMNS('a') FROM a",
    ],
)
def test_what_engines_read_differently_is_refused(sql):
    assert refused(sql)


COUNTS = {"n_units"}
"""Counts of a group's own rows: never 0."""


@pytest.mark.parametrize("name", [*MODELS, *CHECKS])
def test_nothing_is_divided_by_what_may_be_zero(name):
    divisors = [
        node.expression for node in sqlglot.parse_one({**MODELS, **CHECKS}[name].sql, read="duckdb").find_all(exp.Div)
    ]
    assert [node.sql() for node in divisors if not is_never_zero(node)] == []


def is_never_zero(node: exp.Expression) -> bool:
    return isinstance(node, exp.Nullif) or (node.is_number and float(node.name) != 0) or node.name in COUNTS
