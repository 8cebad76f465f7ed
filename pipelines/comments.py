"""A comment on every published table and column, from the models' headers and sql/columns.yaml."""

import duckdb
from ruamel.yaml import YAML

from connectors.engine import run, transaction
from pipelines import models


def dictionary() -> dict[str, dict[str, str]]:
    """Read the data dictionary: `tables` that are no models, and `columns` by name, or by table.name where it differs."""
    return YAML(typ="safe").load((models.SQL / "columns.yaml").read_text())  # type: ignore[no-any-return]


COLUMNS = """
SELECT table_name, column_name, comment
FROM duckdb_columns()
WHERE NOT internal AND schema_name = 'main' AND database_name NOT IN ('scratch', 'temp')
ORDER BY table_name, column_index
"""
TABLES = "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE NOT internal AND database_name NOT IN ('scratch', 'temp')"


def comment_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Comment every table, and every column that analysts read; raises KeyError for one that the dictionary does not know."""
    words = dictionary()
    with transaction(con):
        for table, column, comment in run(con, COLUMNS):
            meaning = words["columns"].get(f"{table}.{column}") or words["columns"][column]
            if comment != meaning:
                run(con, f"COMMENT ON COLUMN {table}.{column} IS {_literal(meaning)}")
        for schema, table, comment in run(con, TABLES):
            model = models.models().get(table)
            meaning = model.description if model else words["tables"][table]
            if comment != meaning:
                run(con, f"COMMENT ON TABLE {schema}.{table} IS {_literal(meaning)}")


def _literal(text: str) -> str:
    """Quote a text of our own files for COMMENT, which takes no parameters."""
    return "'" + text.replace("'", "''") + "'"
