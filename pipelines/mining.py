"""What is mined from the built tables before they are published."""

import duckdb

from pipelines.pain_points import make_pain_points


def mine(con: duckdb.DuckDBPyConnection) -> None:
    """Add the mined tables to a build."""
    make_pain_points(con)
