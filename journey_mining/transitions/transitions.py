"""Which stage or touchpoint follows which: a table, and the same as a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from journey_mining.errors import ArgumentError, require_columns
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened

if TYPE_CHECKING:
    import networkx as nx

ENDS = ("(success)", "(dropped)", "(active)", "(open)", "(end)")
"""Where a journey goes after its last visit; `(end)` when the steps say nothing about outcomes."""


def transitions(
    steps: Steps, by: By | None = None, quantiles: Sequence[float] = (), min_share: float = 0
) -> pd.DataFrame:
    """Count how often one stage (or touchpoint) directly follows another, and how many seconds lie between.

    One row per pair, the most frequent first: from, to, n_transitions, n_journeys, n_people, share (of all
    transitions), per_journey (transitions / mature journeys), probability (the share of `from`'s transitions),
    probability_low, probability_high (95 %), probability_in (the share of `to`'s), mean_seconds, median_seconds,
    p90_seconds, n_open.
    `quantiles` adds others: 0.25 gives p25_seconds. `attrs["sql"]` gives all columns but those; `attrs["order"]` has the
    names in the order of journey.yaml, if the log is of a workspace. Pairs below `min_share` of all transitions are left
    out, as by `prune`; the shares and probabilities stay those of all, and `attrs["coverage"]` is what is left of them.

    By stage, consecutive steps in one stage are one visit; by touchpoint and event every step counts. Journeys come
    from `(start)` and go to `(success)`, `(dropped)`, `(active)` or `(open)`; to `(end)` without a column `outcome`.
    Seconds are the hand-over, from the last step of a visit to the first of the next (exact continuous percentiles over
    transitions; NULL at starts and ends). Open journeys are only in n_open. The interval is that of a ratio clustered
    by person, as of `dropoff`. It is the directly-follows graph of process mining (van der Aalst, 2016).

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "a", "b"], "person_id": ["ann", "ann", "ann", "bob"], "step_number": [1, 2, 3, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 09:10", "2024-05-01 09:12", "2024-05-02"],
    ...                                   format="ISO8601"),
    ...     "stage": ["search", "search", "buy", "search"]})
    >>> transitions(steps)[["from", "to", "n_transitions", "probability", "median_seconds"]]
          from      to  n_transitions  probability  median_seconds
    0  (start)  search              2          1.0             NaN
    1      buy   (end)              1          1.0             NaN
    2   search   (end)              1          0.5             NaN
    3   search     buy              1          0.5           120.0

    See also: `prune`, `findings`, `transition_diff`, `transition_graph`, `sankey`.
    """
    listed = quantiles if isinstance(quantiles, Sequence) else [quantiles]
    wanted = list(dict.fromkeys(_share("quantiles", quantile) for quantile in listed))
    least = _share("min_share", min_share)
    with opened(steps, by) as analysis:
        analysis.run("transitions/clusters")
        found = analysis.table("transitions/transitions", {"min_share": least})
        found.attrs["order"] = analysis.order
        if least:
            found.attrs["coverage"] = float(found["share"].sum())
        if not wanted:
            return found
        times = analysis.run("transitions/times", {"quantiles": wanted}).df()
    attrs = found.attrs
    for quantile in wanted:
        if (column := f"p{100 * quantile:g}_seconds") in found:
            continue
        own = times[times["quantile"] == quantile].set_index(["from", "to"])["seconds"]
        found = found.join(own.rename(column), on=["from", "to"])
    found.attrs = attrs
    return found


def prune(transitions: pd.DataFrame, share: float) -> pd.DataFrame:
    """Keep the pairs that are at least this share of all transitions; `attrs["coverage"]` is the share they hold.

    The shares stay those of all transitions, so that what is left out shows: 1 - coverage. `transitions` with `min_share`
    gives the same, with SQL that does.

    >>> table = pd.DataFrame({"from": ["a", "a"], "to": ["b", "c"], "share": [0.95, 0.05]})
    >>> pruned = prune(table, 0.1)
    >>> len(pruned), pruned.attrs["coverage"]
    (1, 0.95)
    """
    require_columns("transitions", ("from", "to", "share"), transitions.columns)
    kept = transitions[transitions["share"] >= _share("share", share)].reset_index(drop=True)
    kept.attrs["coverage"] = float(kept["share"].sum())
    return kept


def _share(what: str, given: object) -> float:
    if not (isinstance(given, int | float) and 0 <= given <= 1):
        raise ArgumentError(f"{what}: a share lies between 0 and 1, not {given!r}")
    return float(given)


def transition_graph(transitions: pd.DataFrame, dropoff: pd.DataFrame | None = None) -> nx.DiGraph[str]:
    """Return a table of `transitions` as a networkx graph; times are in seconds, a missing value is a missing key.

    An edge carries the columns of its row. A node carries `kind` ('start', 'end' or 'visit') and `n_visits` (how
    often mature journeys came by), and the columns of its row in `dropoff`, the table of the function of that name.

    >>> table = pd.DataFrame({"from": ["(start)", "cart"], "to": ["cart", "(end)"], "n_transitions": [3, 3]})
    >>> graph = transition_graph(table)
    >>> graph.nodes["cart"], graph.edges["(start)", "cart"]
    ({'kind': 'visit', 'n_visits': 3}, {'n_transitions': 3})
    """
    import networkx as nx

    require_columns("transitions", ("from", "to", "n_transitions"), transitions.columns)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for edge in transitions.to_dict("records"):
        graph.add_edge(edge.pop("from"), edge.pop("to"), **_known(edge))
    for name in graph:
        kind = "start" if name == "(start)" else "end" if name in ENDS else "visit"
        seen = graph.out_edges(name, data=True) if kind == "start" else graph.in_edges(name, data=True)
        graph.add_node(name, kind=kind, n_visits=sum(edge["n_transitions"] for _, _, edge in seen))
    if dropoff is not None:
        for stage, row in dropoff.set_index(dropoff.columns[0]).to_dict("index").items():
            graph.add_node(str(stage), **_known(row))
    return graph


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if not pd.isna(value)}
