"""What would be lost without each channel: removal effects in closed form."""

import numpy as np
import pandas as pd

from journey_mining.comparison import Z_95
from journey_mining.errors import ArgumentError
from journey_mining.markov.chain import SUCCESS, Chain, Expected, Floats, counted, expected, start_weights
from journey_mining.markov.errors_by_person import errors_of, with_limits
from journey_mining.markov.touches import touch_counts, touched
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps


def removal_effects(
    steps: Steps, of: str = "channel", success: str | None = None, by: By | None = None
) -> pd.DataFrame:
    """Return which share of the successes would be lost without each channel, or other value of the column `of`.

    A touch is a run of a journey's steps with one value of `of`, up to its success; steps without a value are none.
    Touches are a Markov chain of first order from `(start)` to the journey's end; without a channel whoever would
    come to it is lost (Anderl, Becker, von Wangenheim and Schumann, International Journal of Research in Marketing 33,
    2016). `success` names the step, in the alphabet `by`, that is success: it ends the touches, and belongs to them
    unless `of` is the alphabet itself. Without it the `outcome` tells, and all touches of a journey count.

    One row per value, the largest effect first: `of`, n_journeys (mature ones that touched it), n_people,
    removal_effect (1 - P(success without it) / P(success)), effect_low, effect_high (95 %), effect_error (standard
    error), share (of the sum of all effects), share_low, share_high, share_error, n_open. Effects need not sum to 1.

    In closed form: from the fundamental matrix, the channel taken out by an update of rank one; no simulation. Errors
    by the delta method, clustered by person; intervals symmetric within 0 and 1, and where people show no variance
    Wilson's of so many successes. `attrs["sql"]` gives the counted moves.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]), "stage": ["look", "buy", "look"],
    ...     "channel": ["search", "mail", "search"]})
    >>> removal_effects(steps, success="buy")[["channel", "removal_effect", "share"]]
      channel  removal_effect  share
    0    mail             1.0    0.5
    1  search             1.0    0.5

    See also: `attribution`, which gives each channel its successes, by this and by other rules.
    """
    with touched(steps, of, success, by) as analysis:
        return effects_of_touches(analysis).rename(columns={"name": of})


def effects_of_touches(analysis: Opened) -> pd.DataFrame:
    """Return the table of `removal_effects`, with the values in the column `name`."""
    chain, sql = counted(analysis)
    solved = expected(chain)
    if not solved.success[0]:
        raise ArgumentError("success: no mature journey succeeded; there is nothing to lose or to attribute")
    names, effects, weights = chain.states[1:], *_removals(chain, solved)
    total, total_weights = effects.sum(), weights.sum(axis=0)
    shares = effects / total if total else np.full(len(names), np.nan)
    share_weights = (weights - np.outer(shares, total_weights)) / (total or np.nan)
    errors = errors_of(analysis, np.concatenate([weights, share_weights]))
    table = pd.DataFrame({"name": pd.Series(names, dtype="str")}).join(touch_counts(analysis), on="name")
    n_open = table.pop("n_open")
    n_successes = chain.n_moves[:, chain.place(SUCCESS, "success")].sum()
    for what, prefix, value, error in (
        ("removal_effect", "effect", effects, errors[: len(names)]),
        ("share", "share", shares, errors[len(names) :]),
    ):
        low, high = with_limits(analysis, value, error, np.full(len(names), n_successes))
        table[what] = value
        # The only value has all of the share by definition.
        is_even = (error == 0) & (what == "removal_effect" or len(names) > 1)
        table[f"{prefix}_low"] = np.where(is_even, low, np.maximum(value - Z_95 * error, 0))
        table[f"{prefix}_high"] = np.where(is_even, high, np.minimum(value + Z_95 * error, 1))
        table[f"{prefix}_error"] = error
    # Effects that are equal differ by rounding, which shall not decide their order.
    order = table.assign(rank=-effects.round(9)).sort_values(["rank", "name"]).index
    table = table.assign(n_open=n_open).loc[order].reset_index(drop=True)
    table.attrs["sql"] = sql
    return table


def _removals(chain: Chain, solved: Expected) -> tuple[Floats, Floats]:
    """Return the effect of removing each state but the start, and its derivative by each count of moves.

    Without state c, visits V become V - V[:, c] V[c, :] / V[c, c]: the ways that do not pass through c.
    """
    n, base, now = len(chain.states), solved.success[0], start_weights(chain, solved)
    effects, weights = [], []
    for c in range(1, n):
        passing = solved.visits[:, c] / solved.visits[c, c]
        visits = solved.visits - np.outer(passing, solved.visits[c])
        success = solved.success.copy()
        success[:n] -= passing * solved.success[c]
        left = success[0] / base
        effects.append(1 - left)
        without = Expected(visits, success, solved.moves, solved.seconds)
        weights.append((left * now - start_weights(chain, without)) / base)
    return np.array(effects), np.array(weights).reshape(-1, chain.edges.shape[1])
