"""Links in, people out: the connected components of the identifiers that were seen together."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from connectors.engine import run


def clusters(links: pd.DataFrame) -> pd.DataFrame:
    """Name each linked identifier's component by its smallest identifier.

    >>> links = pd.DataFrame({"left_identifier": ["user:a", "email:x"], "right_identifier": ["email:x", "phone:1"]})
    >>> clusters(links).to_dict("list")
    {'identifier': ['email:x', 'phone:1', 'user:a'], 'cluster': ['email:x', 'email:x', 'email:x']}
    """
    identifiers, codes = np.unique(
        np.concatenate([links["left_identifier"], links["right_identifier"]]).astype(str), return_inverse=True
    )
    left, right = codes[: len(links)], codes[len(links) :]
    graph = coo_array((np.ones(len(links), dtype=bool), (left, right)), shape=(len(identifiers), len(identifiers)))
    _, labels = connected_components(graph, directed=False)
    # np.unique sorts, so the first of a component is its smallest.
    _, first = np.unique(labels, return_index=True)
    return pd.DataFrame({"identifier": identifiers, "cluster": identifiers[first][labels]})


def make_identity_clusters(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table identity_clusters from identity_links."""
    links = con.execute("SELECT left_identifier, right_identifier FROM identity_links").fetchdf()
    found = clusters(links) if len(links) else pd.DataFrame({"identifier": [], "cluster": []})
    schema = pa.schema([("identifier", pa.string()), ("cluster", pa.string())])
    con.register("found_clusters", pa.Table.from_pandas(found, schema=schema, preserve_index=False))
    run(con, "CREATE TABLE identity_clusters AS SELECT * FROM found_clusters")
    con.unregister("found_clusters")
