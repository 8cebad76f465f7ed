"""Links in, people out: the connected components of the identifiers that were seen together, within the caps.

Links are suspended whole, never in part and never in silence: the table suspended_links says which, and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from connectors.engine import run

KINDS = ("user", "email", "phone", "device", "order", "ticket")
OF_PEOPLE = 4
"""The first four kinds are somebody's; an order or a ticket is something they share."""
SHED = (("phone",), ("email",), ("device",), ("order", "ticket"))
"""What a cluster over the cap loses, in this order, until it is under it."""

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Clusters:
    """Per node the smallest node of its cluster; per link why it is suspended, or None."""

    smallest: Ints
    suspended: npt.NDArray[np.object_]


def clusters(
    kinds: Ints, spaces: Ints, left: Ints, right: Ints, caps: Mapping[str, int], is_unlinked: Flags
) -> Clusters:
    """Find the clusters of nodes 0..n-1, whose kinds are places in KINDS, over distinct links between `left` and `right`.

    An identifier with more than `caps[kind]` neighbours that are somebody's loses all its links, as does an order or a
    ticket seen with two users of one namespace (`spaces` numbers them); then a cluster with more than `caps["person"]`
    of them sheds links, weakest kind first.

    >>> kinds, spaces = np.array([0, 1, 0]), np.array([0, 1, 0])  # two users of a shop, and between them an e-mail address
    >>> links = np.array([0, 1]), np.array([1, 2])
    >>> clusters(kinds, spaces, *links, {"email": 2, "user": 9, "person": 9}, np.array([False, False])).smallest
    array([0, 0, 0])
    >>> clusters(kinds, spaces, *links, {"email": 1, "user": 9, "person": 9}, np.array([False, False])).suspended
    array(['key_over_cap', 'key_over_cap'], dtype=object)
    """
    suspended = np.where(is_unlinked, "unlinked", None).astype(object)
    holds = ~is_unlinked
    over = _over_cap(kinds, spaces, left[holds], right[holds], caps)
    hot = holds & (over[left] | over[right])
    suspended[hot] = "key_over_cap"
    holds &= ~hot
    for shed in SHED:
        smallest = _components(len(kinds), left[holds], right[holds])
        sizes = np.bincount(smallest[kinds < OF_PEOPLE], minlength=len(kinds))
        weak = np.isin(kinds, [KINDS.index(kind) for kind in shed])
        gone = holds & (sizes[smallest[left]] > caps.get("person", np.inf)) & (weak[left] | weak[right])
        suspended[gone] = "person_over_cap"
        holds &= ~gone
    return Clusters(_components(len(kinds), left[holds], right[holds]), suspended)


def _over_cap(kinds: Ints, spaces: Ints, left: Ints, right: Ints, caps: Mapping[str, int]) -> Flags:
    def neighbours(counts: Flags) -> npt.NDArray[np.float64]:
        return np.bincount(left, weights=counts[right], minlength=len(kinds)) + np.bincount(
            right, weights=counts[left], minlength=len(kinds)
        )

    most = np.array([caps.get(kind, np.inf) for kind in KINDS])[kinds]
    is_over = neighbours(kinds < OF_PEOPLE) > most
    for space in np.unique(spaces[kinds == 0]):
        is_over |= (kinds >= OF_PEOPLE) & (neighbours((kinds == 0) & (spaces == space)) > 1)
    return is_over


def _components(n: int, left: Ints, right: Ints) -> Ints:
    graph = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    _, first = np.unique(labels, return_index=True)
    return np.asarray(first[labels], dtype=np.int64)


NODES = """
CREATE OR REPLACE TABLE {schema}.nodes AS
SELECT identifier, list_position($kinds, split_part(identifier, ':', 1)) - 1 AS kind,
    dense_rank() OVER (ORDER BY CASE WHEN starts_with(identifier, 'user:') THEN split_part(identifier, ':', 2) END) AS space,
    row_number() OVER (ORDER BY is_shared, identifier) - 1 AS node
FROM (
    SELECT identifier, split_part(identifier, ':', 1) IN ('order', 'ticket') AS is_shared
    FROM (SELECT left_identifier AS identifier FROM identity_links UNION SELECT right_identifier FROM identity_links)
)
"""
"""Nodes are numbered so that a cluster's smallest is somebody's identifier, if it has one: an order names nobody."""

LINKS = """
SELECT lefts.node AS left_node, rights.node AS right_node, unlinked.left_identifier IS NOT NULL AS is_unlinked
FROM identity_links AS links
JOIN nodes AS lefts ON links.left_identifier = lefts.identifier
JOIN nodes AS rights ON links.right_identifier = rights.identifier
LEFT JOIN unlinked_identifiers AS unlinked
    ON links.left_identifier = unlinked.left_identifier AND links.right_identifier = unlinked.right_identifier
ORDER BY left_node, right_node
"""
CLUSTERS = """
CREATE OR REPLACE TABLE {schema}.identity_clusters AS
SELECT nodes.identifier, smallest.identifier AS cluster
FROM found_clusters
JOIN nodes ON found_clusters.node = nodes.node
JOIN nodes AS smallest ON found_clusters.smallest = smallest.node
"""
CAPPED = """
CREATE OR REPLACE TABLE {schema}.capped_links AS
SELECT lefts.identifier AS left_identifier, rights.identifier AS right_identifier, found_capped.reason
FROM found_capped
JOIN nodes AS lefts ON found_capped.left_node = lefts.node
JOIN nodes AS rights ON found_capped.right_node = rights.node
"""


def make_identity_clusters(con: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Make identity_clusters and capped_links in `schema`, from identity_links, identifier_caps and unlinked_identifiers."""
    run(con, NODES.format(schema=schema), {"kinds": list(KINDS)})
    nodes = con.execute("SELECT kind, space FROM nodes ORDER BY node").fetchnumpy()
    links = con.execute(LINKS).fetchnumpy()
    kinds, spaces = (np.asarray(nodes[column], dtype=np.int64) for column in ("kind", "space"))
    left, right = (np.asarray(links[side], dtype=np.int64) for side in ("left_node", "right_node"))
    caps = dict(run(con, "SELECT kind, most FROM identifier_caps"))
    found = clusters(kinds, spaces, left, right, caps, np.asarray(links["is_unlinked"], dtype=bool))
    is_capped = found.suspended != None  # noqa: E711  (element by element)
    tables = {
        "found_clusters": pa.table({"node": np.arange(len(kinds)), "smallest": found.smallest}),
        "found_capped": pa.table(
            {
                "left_node": left[is_capped],
                "right_node": right[is_capped],
                "reason": pa.array(found.suspended[is_capped], pa.string()),
            }
        ),
    }
    for name, table in tables.items():
        con.register(name, table)
    run(con, CLUSTERS.format(schema=schema))
    run(con, CAPPED.format(schema=schema))
    for name in tables:
        con.unregister(name)
    run(con, f"DROP TABLE {schema}.nodes")
