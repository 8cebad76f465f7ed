"""A name says what it holds: affixes mean types, a column means one thing, and the dictionary knows them all."""

from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from connectors.engine import run
from pipelines import models
from pipelines.comments import comment_tables, dictionary
from tests.drawn_warehouse import drop, shapes
from tests.sample import everything

INSIDE = {name for name, model in models.models().items() if not model.is_published} | {
    "identity_clusters",
    "capped_links",
    "local_days",
    "landed_events",
    "withdrawn_records",
}
COLUMNS = [(table, column, kind) for table, columns in shapes().items() for column, kind in columns.items()]
Column = tuple[str, str, str]


@pytest.fixture(scope="module")
def sample() -> Iterator[duckdb.DuckDBPyConnection]:
    con = everything()
    yield con
    con.close()


@pytest.fixture(scope="module")
def published(sample) -> list[Column]:
    """Every column that analysts read."""
    rows = run(
        sample,
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index",
    )
    return [row for row in rows if row[0] not in INSIDE]


@pytest.mark.parametrize(
    ("affix", "kinds"),
    [
        ("_at", {"TIMESTAMP"}),
        ("_until", {"TIMESTAMP"}),
        ("_on", {"DATE"}),
        ("n_", {"BIGINT"}),
        ("_number", {"BIGINT"}),
        ("_no", {"BIGINT"}),
        ("is_", {"BOOLEAN"}),
        ("_seconds", {"BIGINT", "DOUBLE"}),
        ("_rate", {"DOUBLE"}),
        ("_low", {"DOUBLE"}),
        ("_high", {"DOUBLE"}),
        ("share_", {"DOUBLE"}),
        ("_id", {"VARCHAR"}),
    ],
)
def test_an_affix_means_the_same_type_everywhere(affix, kinds, published):
    carry = [
        row
        for row in [*COLUMNS, *published]
        if (row[1].endswith(affix) if affix.startswith("_") else row[1].startswith(affix))
    ]
    assert {row for row in carry if row[2] not in kinds} == set()
    assert carry


def test_no_published_column_has_a_type_that_other_tools_do_not_know(published):
    assert {row[2] for row in published} <= {
        "VARCHAR",
        "BIGINT",
        "DOUBLE",
        "BOOLEAN",
        "TIMESTAMP",
        "DATE",
        "DECIMAL(18,4)",
    }


def test_a_published_column_has_one_type_in_all_tables(published):
    kinds: dict[str, set[str]] = {}
    for _, column, kind in published:
        kinds.setdefault(column, set()).add(kind)
    assert {
        column: found for column, found in kinds.items() if len(found) > 1 and not column.endswith("_seconds")
    } == {}


def test_the_dictionary_knows_every_published_column_and_nothing_else(published):
    words = dictionary()["columns"]
    used = {f"{table}.{column}" if f"{table}.{column}" in words else column for table, column, _ in published}
    assert used == set(words)


def test_the_dictionary_describes_every_published_table_that_is_no_model_and_nothing_else(published):
    kept_for_the_next_build = {"fingerprints"}
    described = {table for table, _, _ in published} - set(models.models()) | kept_for_the_next_build
    assert described == set(dictionary()["tables"])


def test_every_published_table_and_column_can_be_commented(sample):
    for name in INSIDE:
        drop(sample, name)
    comment_tables(sample)
    assert (
        run(
            sample,
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''",
        )
        == []
    )
    assert run(sample, "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND coalesce(comment, '') = ''") == []


@pytest.mark.parametrize("name", [*models.models(), *models.checks()])
def test_a_common_table_expression_never_bears_a_tables_name(name):
    tree = sqlglot.parse_one({**models.models(), **models.checks()}[name].sql, read="duckdb")
    assert {cte.alias for cte in tree.find_all(exp.CTE)} & set(shapes()) == set()
