"""A comment on every published table and column, from the models' headers and sql/columns.yaml."""

import duckdb
from ruamel.yaml import YAML

from connectors.engine import run
from pipelines import models


def dictionary() -> dict[str, dict[str, str]]:
    """Read the data dictionary: `tables` that are no models, and `columns` by name, or by table.name where it differs."""
    return YAML(typ="safe").load((models.SQL / "columns.yaml").read_text())  # type: ignore[no-any-return]


def comment_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Comment every table of the file; raises KeyError for one, or a column, that the dictionary does not know."""
    words = dictionary()
    for table, column in run(
        con, "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index"
    ):
        meaning = words["columns"].get(f"{table}.{column}") or words["columns"].get(column, "")
        run(con, f"COMMENT ON COLUMN {table}.{column} IS {_literal(meaning)}")
    for (table,) in run(con, "SELECT table_name FROM duckdb_tables() WHERE NOT internal"):
        model = models.models().get(table)
        run(con, f"COMMENT ON TABLE {table} IS {_literal(model.description if model else words['tables'].get(table, ''))}")


def _literal(text: str) -> str:
    """Quote a text of our own files for COMMENT, which takes no parameters."""
    return "'" + text.replace("'", "''") + "'"
