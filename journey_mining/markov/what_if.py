"""What would happen to success if an edge, or a drop-off, were another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TypeAlias

import numpy as np
import pandas as pd

from journey_mining.comparison import Z_95
from journey_mining.errors import ArgumentError
from journey_mining.markov.chain import (
    NAME_SUCCESS,
    Chain,
    Expected,
    Floats,
    counted,
    expected,
    require_success,
    start_weights,
)
from journey_mining.markov.errors_by_person import errors_of, with_limits
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps, opened

Changes: TypeAlias = Mapping[str | tuple[str, str], float]
"""New probabilities, 0 to 1: of an edge `(from, to)`, or, for a name alone, of leaving there without success."""


@dataclass(frozen=True)
class Edge:
    """An edge whose probability is set."""

    source: int
    target: int
    probability: float


def what_if(steps: Steps, changes: Changes, success: str | None = None, by: By | None = None) -> pd.DataFrame:
    """Return how many journeys would succeed if probabilities of the chain of stages were changed.

    `changes` gives new probabilities: `{("cart", "checkout"): 0.8}` of going there next, `{"cart": 0.2}` of a visit
    being the last (to `(dropped)`; to `(end)` where there is no such end). The other ways out of the stage share what
    is left as they do now; nothing else changes. `success` and the chain are those of `markov`.

    One row per change by itself, and `(all)` for all of them together if there are several: from, to,
    probability_now, probability_then, n_journeys (mature), success_now, now_low, now_high, success_then, then_low,
    then_high, difference, difference_low, difference_high (all 0 to 1, intervals 95 %), more_successes (difference
    times n_journeys), more_low, more_high.

    The new probability is taken as certain, all others as estimated. Now and then rest on the same people: the error
    of the difference is that of their paired scores, by the delta method, clustered by person. That it would come so
    supposes one step of memory (`order_test`), and that who would be kept goes on as the others do.
    `attrs["sql"]` gives the counted moves.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]),
    ...     "stage": ["cart", "buy", "cart"]})
    >>> what_if(steps, {"cart": 0.2}, success="buy")[["from", "to", "success_now", "success_then", "more_successes"]]
       from     to  success_now  success_then  more_successes
    0  cart  (end)          0.5           0.8             0.6

    See also: `markov`, `dropoff`, whose exit_share is what a name alone changes.
    """
    with opened(steps, by, needs_outcome=success is None, instead=NAME_SUCCESS) as analysis:
        require_success(analysis, success)
        analysis.run("markov/finishes", {"success": success})
        analysis.run("markov/states_of_visits")
        chain, sql = counted(analysis)
        edges = _edges(chain, changes)
        cases = [[edge] for edge in edges] + ([edges] if len(edges) > 1 else [])
        table = _compared(analysis, chain, cases)
    table.attrs["sql"] = sql
    return table


def _edges(chain: Chain, changes: Changes) -> list[Edge]:
    if not changes:
        raise ArgumentError("changes: give at least one, such as {('cart', 'checkout'): 0.8} or {'cart': 0.2}")
    lost = next((end for end in ("(dropped)", "(end)") if end in chain.ends), None)
    edges: list[Edge] = []
    for key, probability in changes.items():
        source, target = (key, lost) if isinstance(key, str) else key
        if target is None:
            raise ArgumentError(f"changes: no journey was lost at {source!r} or elsewhere; name the edge instead")
        if not (isinstance(probability, Real) and 0 <= probability <= 1):
            raise ArgumentError(f"changes: a probability is between 0 and 1, not {probability!r}, for {key!r}")
        edge = Edge(chain.place(source, "changes"), chain.place(target, "changes"), float(probability))
        if edge.source >= len(chain.states):
            raise ArgumentError(f"changes: {source!r} is an end; nothing comes after it")
        if (edge.source, edge.target) in {(one.source, one.target) for one in edges}:
            raise ArgumentError(f"changes: the way from {source!r} to {target!r} is given twice; give it once")
        edges.append(edge)
    return edges


def _compared(analysis: Opened, chain: Chain, cases: list[list[Edge]]) -> pd.DataFrame:
    now = expected(chain)
    now_weights = start_weights(chain, now)
    changed = [_changed(chain, case) for case in cases]
    weights = [now_weights]
    for _, then_weights in changed:
        weights += [then_weights, then_weights - now_weights]
    errors = errors_of(analysis, np.array(weights))
    then_rate = np.array([then.success[0] for then, _ in changed])
    rates, n = np.array([now.success[0], *then_rate]), chain.n_journeys
    low, high = with_limits(analysis, rates, np.array([errors[0], *errors[1::2]]), np.full(len(rates), n))
    difference, error = then_rate - rates[0], errors[2::2]
    names = (*chain.states, *chain.ends)
    table = pd.DataFrame(
        {
            "from": [names[case[0].source] if len(case) == 1 else "(all)" for case in cases],
            "to": [names[case[0].target] if len(case) == 1 else "(all)" for case in cases],
            "probability_now": [_probability(chain, case) for case in cases],
            "probability_then": [case[0].probability if len(case) == 1 else np.nan for case in cases],
            "n_journeys": n,
            "success_now": rates[0],
            "now_low": low[0],
            "now_high": high[0],
            "success_then": then_rate,
            "then_low": low[1:],
            "then_high": high[1:],
            "difference": difference,
            "difference_low": difference - Z_95 * error,
            "difference_high": difference + Z_95 * error,
        }
    )
    for limit, column in (("successes", "difference"), ("low", "difference_low"), ("high", "difference_high")):
        table[f"more_{limit}"] = table[column] * n
    return table


def _probability(chain: Chain, case: list[Edge]) -> float:
    return float(chain.probabilities[case[0].source, case[0].target]) if len(case) == 1 else np.nan


def _changed(chain: Chain, case: list[Edge]) -> tuple[Expected, Floats]:
    """Solve the chain with edges set; return it, and the derivative of its P(success) by each count of moves."""
    shares = chain.probabilities
    free = {source: _free(chain, source, case) for source in {edge.source for edge in case}}
    for source, (left, is_free) in free.items():
        n_free = chain.n_moves[source][is_free].sum()
        shares[source] = np.where(is_free, left * chain.n_moves[source] / max(n_free, 1), 0)
        for edge in case:
            if edge.source == source:
                shares[source, edge.target] = edge.probability
    then = expected(chain, shares)
    weights = start_weights(chain, then)
    sources, targets = chain.edges
    for source, (left, is_free) in free.items():
        # What is set is certain; what is free is certain but for its split.
        n_free = chain.n_moves[source] * is_free
        mean = n_free @ then.success / max(n_free.sum(), 1)
        gain = then.visits[0, source] * left / max(n_free.sum(), 1) * (then.success - mean) * is_free
        weights = np.where(sources == source, gain[targets], weights)
    return then, weights


def _free(chain: Chain, source: int, case: list[Edge]) -> tuple[float, Floats]:
    """Return what is left of the probability of a source, and which of its edges share it."""
    own = [edge for edge in case if edge.source == source]
    name, total = chain.states[source], sum(edge.probability for edge in own)
    if total > 1 + 1e-12:
        raise ArgumentError(f"changes: the probabilities out of {name!r} sum to {total:g}, more than 1")
    is_free = np.ones(chain.n_moves.shape[1], dtype=bool)
    is_free[[edge.target for edge in own]] = False
    if total < 1 - 1e-12 and not chain.n_moves[source][is_free].sum():
        raise ArgumentError(f"changes: nothing else is known to follow {name!r}; say where the other {1 - total:g} go")
    return 1 - total, is_free
