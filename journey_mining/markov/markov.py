"""Where journeys lead from each stage: how likely to success, in how many visits, in what time."""

import numpy as np
import pandas as pd

from journey_mining.comparison import Z_95
from journey_mining.markov.chain import NAME_SUCCESS, Chain, Expected, Floats, counted, expected, require_success
from journey_mining.markov.errors_by_person import errors_of, with_limits
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps, opened


def markov(steps: Steps, success: str | None = None, by: By | None = None) -> pd.DataFrame:
    """Return what is to be expected at each stage (or touchpoint, or event) of a journey that goes on like all others.

    Journeys are a Markov chain of first order: where one goes next depends on where it is alone (`order_test` asks
    whether it does). `success` names what ends a journey well, at its first visit; every other journey goes to
    `(end)`. Without it a journey ends as its `outcome` says, after its last visit.

    One row each, `(start)` first, then the most visited: stage (or touchpoint, event), n_visits, n_journeys, n_people,
    success_probability (0 to 1; of a new visit), expected_visits (to come after this one), expected_seconds (from
    entering it to the end of the journey), each with _low and _high (95 %) and _error (standard error), and n_open
    (open journeys that visited, in no other number). The row of `(start)` gives what was observed: the share that
    succeeded, the mean number of visits, the mean duration.

    By the fundamental matrix (Kemeny and Snell, Finite Markov Chains, 1960, chapter 3); errors by the delta method,
    clustered by person; limits by Wilson for probabilities, else symmetric. `attrs["sql"]` gives the counted moves.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 09:10", "2024-05-01 09:00"]),
    ...     "stage": ["search", "buy", "search"]})
    >>> markov(steps, success="buy").iloc[:, [0, 1, 4, 8, 12]]
         stage  n_visits  success_probability  expected_visits  expected_seconds
    0  (start)         2                  0.5              1.5             300.0
    1   search         2                  0.5              0.5             300.0
    2      buy         1                  1.0              0.0               0.0

    See also: `dropoff`, `what_if`.
    """
    with opened(steps, by, needs_outcome=success is None, instead=NAME_SUCCESS) as analysis:
        require_success(analysis, success)
        analysis.run("markov/finishes", {"success": success})
        analysis.run("markov/states_of_visits")
        chain, sql = counted(analysis)
        table = analysis.run("markov/state_counts").df().set_index("name")
        n_open = table.pop("n_open")
        solved, n = expected(chain), len(chain.states)
        errors = _errors(analysis, chain, solved)
        low, high = with_limits(analysis, solved.success[:n], errors["success"], chain.n_left)
        found = {
            "success_probability": solved.success[:n],
            "success_low": low,
            "success_high": high,
            "success_error": errors["success"],
            # The last move goes to the end, which is no visit.
            **_with_interval("visits", solved.moves[:n] - 1, errors["moves"]),
            **_with_interval("seconds", solved.seconds[:n], errors["seconds"]),
        }
        table = table.join(pd.DataFrame(found, index=list(chain.states))).assign(n_open=n_open)
        table = table.rename_axis(analysis.by).reset_index()
    table.attrs["sql"] = sql
    return table


def _errors(analysis: Opened, chain: Chain, solved: Expected) -> dict[str, Floats]:
    """Return the errors of what is expected from each state on: pushes at each state, carried there by the visits."""
    source, target = chain.edges
    per_move = solved.visits[:, source] / chain.n_left[source]
    gains = [value[target] - value[source] for value in (solved.success, solved.moves, solved.seconds)]
    weights = np.concatenate([per_move * gains[0], per_move * (gains[1] + 1), per_move * gains[2]])
    per_second = np.concatenate([np.zeros((2 * len(per_move), len(source))), per_move])
    errors = errors_of(analysis, weights, per_second)
    return dict(zip(("success", "moves", "seconds"), np.split(errors, 3), strict=True))


def _with_interval(what: str, value: Floats, error: Floats) -> dict[str, Floats]:
    return {
        f"expected_{what}": value,
        f"{what}_low": np.maximum(value - Z_95 * error, 0),
        f"{what}_high": value + Z_95 * error,
        f"{what}_error": error,
    }
