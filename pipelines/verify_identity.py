"""Check of who is who: people are what the links that hold join, no less and no more."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from connectors.engine import run
from pipelines.live import AGAIN, Live


def identity(live: Live) -> Iterator[str]:
    """Two identifiers are one person's if a link that holds joins them, and only if such links do, one after the other."""
    if not run(live.con, KEEPS_LINKS):
        return  # Built by a version that kept no links.
    for left, right in run(live.con, PARTED):
        yield f"{left} and {right} are linked, the link is not suspended, and they are two people; {AGAIN}."
    run(live.con, NODES)
    people = live.con.execute("SELECT person FROM nodes ORDER BY node").fetchnumpy()["person"]
    links = live.con.execute(HELD).fetchnumpy()
    n = len(people)
    held = coo_array((np.ones(len(links["one"]), dtype=bool), (links["one"], links["other"])), shape=(n, n))
    _, piece_of = connected_components(held, directed=False)
    # Nodes are numbered person by person, so that the next node is of the same person, or begins another.
    is_apart = (people[1:] == people[:-1]) & (piece_of[1:] != piece_of[:-1])
    for node in np.flatnonzero(is_apart)[:1]:
        one, other = (name for (name,) in run(live.con, PAIR, {"node": int(node)}))
        yield f"{one} and {other} are one person, and no links that hold join them; {AGAIN}."


KEEPS_LINKS = """
SELECT 1 FROM duckdb_tables()
WHERE schema_name = 'work' AND table_name = 'identity_links' AND database_name = current_database()
"""
PARTED = """
SELECT links.left_identifier, links.right_identifier
FROM work.identity_links AS links
ANTI JOIN suspended_links USING (left_identifier, right_identifier)
LEFT JOIN identifiers AS one ON links.left_identifier = one.identifier
LEFT JOIN identifiers AS other ON links.right_identifier = other.identifier
WHERE one.person_id IS DISTINCT FROM other.person_id
LIMIT 1
"""
NODES = """
CREATE OR REPLACE TEMP TABLE nodes AS
SELECT identifier, dense_rank() OVER (ORDER BY person_id) AS person, row_number() OVER (ORDER BY person_id, identifier) - 1 AS node
FROM identifiers
WHERE person_id IS NOT NULL
"""
HELD = """
SELECT lefts.node AS one, rights.node AS other
FROM work.identity_links AS links
ANTI JOIN suspended_links USING (left_identifier, right_identifier)
JOIN nodes AS lefts ON links.left_identifier = lefts.identifier
JOIN nodes AS rights ON links.right_identifier = rights.identifier
"""
PAIR = "SELECT identifier FROM nodes WHERE node IN ($node, $node + 1) ORDER BY node"
