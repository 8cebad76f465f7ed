"""The forms a table may have, and how it becomes a view on a connection of ours."""

from os import PathLike, fspath

import duckdb
import pandas as pd
import pyarrow as pa

from journey_mining.errors import StepsError


def given(con: duckdb.DuckDBPyConnection, table: object, name: str = "given") -> tuple[duckdb.DuckDBPyRelation, str]:
    """Make a table of any form the view `name` of a connection; return it, and the statement or the remark that says so."""
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
    raise StepsError(f"steps: cannot read a {type(table).__name__}; {FORMS}")


FORMS = "give a pandas DataFrame, an Arrow table, a DuckDB relation, or the path of a Parquet file"


def shown(table: object) -> str:
    """Return what a table is, for a message."""
    return repr(fspath(table)) if isinstance(table, str | PathLike) else f"a {type(table).__name__}"
