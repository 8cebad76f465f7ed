"""The forms a table may have, and how it becomes a view on a connection of ours."""

from os import PathLike, fspath

import duckdb
import pandas as pd
import pyarrow as pa

from journey_mining.errors import StepsError, first_line


def given(
    con: duckdb.DuckDBPyConnection, table: object, word: str = "steps", name: str = "given"
) -> tuple[duckdb.DuckDBPyRelation, str]:
    """Make a table of any form the view `name` of a connection; return it, and the statement or the remark that says so.

    `word` is what messages call it.
    """
    match table:
        case pd.DataFrame():
            # The copy lays the columns out anew: a frame in reversed order is an error in DuckDB 2.0.
            con.register(name, table.copy())
            return con.table(name), f"-- {name}: a pandas DataFrame of {len(table):,} rows"
        case duckdb.DuckDBPyRelation():
            # It lives on its owner's connection, in its owner's time zone: take the columns over as they are.
            con.register(name, table.to_arrow_table())
            return con.table(name), f"-- {name}: a relation of another connection"
        case str() | PathLike():
            rows = con.read_parquet(fspath(table))
            rows.create_view(name)
            path = fspath(table).replace("'", "''")
            return rows, f"CREATE VIEW {name} AS FROM read_parquet('{path}');"
        case _ if hasattr(table, "__arrow_c_stream__"):
            # A stream can be read only once, and is read more often.
            con.register(name, pa.RecordBatchReader.from_stream(table).read_all())
            return con.table(name), f"-- {name}: an Arrow table"
    raise StepsError(f"{word}: cannot read a {type(table).__name__}; {FORMS}")


FORMS = "give a pandas DataFrame, an Arrow table, a DuckDB relation, or the path of a Parquet file"


def unreadable(word: str, table: object, error: duckdb.Error) -> StepsError:
    """Make the error of a table that DuckDB cannot read; of a value that is none of its type, it is the value that helps."""
    advice = "mend that value, or leave it out" if isinstance(error, duckdb.ConversionException) else FORMS
    return StepsError(f"{word}: cannot read {shown(table)} ({first_line(error)}); {advice}")


def shown(table: object) -> str:
    """Return what a table is, for a message."""
    return repr(fspath(table)) if isinstance(table, str | PathLike) else f"a {type(table).__name__}"
