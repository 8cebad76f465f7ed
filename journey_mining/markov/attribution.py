"""Which channel brought the successes, by the rules of the trade and by removal effects."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, TypeAlias, get_args

import pandas as pd

from journey_mining.durations import duration
from journey_mining.errors import ArgumentError, unknown_name
from journey_mining.markov.removal_effects import effects_of_touches
from journey_mining.markov.touches import touch_counts, touched
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps

Rule: TypeAlias = Literal["first", "last", "linear", "position", "decay", "markov", "shapley"]
RULES: tuple[Rule, ...] = get_args(Rule)
UNATTRIBUTED = "(unattributed)"
"""The row of the successes that touched nothing."""


def attribution(
    steps: Steps,
    rule: Rule | Sequence[Rule] = RULES,
    of: str = "channel",
    success: str | None = None,
    half_life: str | timedelta = "7d",
    by: By | None = None,
) -> pd.DataFrame:
    """Give the successes of mature journeys to the channels (or other values of the column `of`) that they touched.

    What a touch is, and what success is, is told at `removal_effects`. A success is shared out among its touches:

    - first, last: to the first or the last one;
    - linear: equally;
    - position: 0.4 each to the first and the last, 0.2 to those between together; halves if there are two;
    - decay: by 2 ** (-age / half_life), the age of a touch counted from its begin to that of the last one;
    - shapley: equally among its different values: the Shapley value (Shapley, 1953), exactly, of the game in which a
      set of channels has the successes that touched no other (Zhao, Mahboobi and Bagheri, 2018);
    - markov: of all successes with a touch, the share of the value in the sum of the removal effects (the interval
      takes the number without a touch as given).

    One row per rule and value, in the order of the rules, the most credited first: rule, `of`, n_journeys (mature ones
    that touched it), n_people, credit (successes), share (of all successes), share_low, share_high (95 %, clustered by
    person), share_error, n_open. Successes without a touch are `(unattributed)`. The credit of each rule sums to the
    number of successes (to 1e-9 of each).

    `attrs["sql"]` gives the shares by the rules that are SQL, or, for "markov" alone, the counted moves.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "a"], "person_id": ["ann"] * 3, "step_number": [1, 2, 3],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-09"]), "stage": ["look", "look", "buy"],
    ...     "channel": ["search", "mail", "search"]})
    >>> attribution(steps, "decay", success="buy")[["rule", "channel", "credit"]].round(3)
        rule channel  credit
    0  decay  search   0.744
    1  decay    mail   0.256

    See also: `order_test`: if one step of memory is too little, "markov" is a rule of thumb like the others.
    """
    rules = [rule] if isinstance(rule, str) else list(dict.fromkeys(rule))
    for name in rules:
        if name not in RULES:
            raise ArgumentError(f"rule: {unknown_name('rule', str(name), RULES)}")
    half_life_seconds = duration(half_life, "half_life").total_seconds()
    if not half_life_seconds:
        raise ArgumentError("half_life: more than nothing, such as '7d'")
    with touched(steps, of, success, by) as analysis:
        found = _by_rules(analysis, [name for name in rules if name != "markov"] or ["linear"], half_life_seconds)
        if found.empty:
            raise ArgumentError("success: no mature journey succeeded; there is nothing to attribute")
        sql = found.attrs["sql"]
        if "markov" in rules:
            markov, sql_of_moves = _by_markov(analysis, found)
            sql = sql if len(rules) > 1 else sql_of_moves
            found = pd.concat([found, markov], ignore_index=True)
        table = found.join(touch_counts(analysis), on="name")
    return _in_order(table, rules, of, sql)


def _by_rules(analysis: Opened, rules: list[str], half_life_seconds: float) -> pd.DataFrame:
    analysis.put("rules", pd.DataFrame({"rule": rules}))
    analysis.run("markov/rules", {"half_life_seconds": half_life_seconds})
    return analysis.table("markov/rule_shares")


def _by_markov(analysis: Opened, found: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the shares of removal effects as those of the successes with a touch, and the SQL of the counts."""
    effects = effects_of_touches(analysis)
    one = found[found["rule"] == found["rule"].iloc[0]]
    without = one[one["name"].isna()]
    n_successes = one["credit"].sum()
    attributed = 1 - without["credit"].sum() / n_successes
    # Where nothing that has a touch succeeds no effect has a share of the others, and none has a success.
    shares = (effects[["share", "share_low", "share_high", "share_error"]] * attributed).fillna({"share": 0.0})
    table = pd.concat([effects[["name"]], shares], axis=1).assign(rule="markov", credit=shares["share"] * n_successes)
    return pd.concat([table, without.assign(rule="markov")], ignore_index=True), str(effects.attrs["sql"])


def _in_order(table: pd.DataFrame, rules: Sequence[str], of: str, sql: str) -> pd.DataFrame:
    columns = [
        "rule",
        "name",
        "n_journeys",
        "n_people",
        "credit",
        "share",
        "share_low",
        "share_high",
        "share_error",
        "n_open",
    ]
    place = {name: number for number, name in enumerate(rules)}
    table = table[table["rule"].isin(rules)]
    table = table.assign(place=table["rule"].map(place), least=-table["credit"].round(6))
    table = table.sort_values(["place", "least", "name"], na_position="last", ignore_index=True)[columns]
    counts = ["n_journeys", "n_people", "n_open"]
    table[counts] = table[counts].astype("Int64")
    table["name"] = table["name"].fillna(UNATTRIBUTED)
    table.attrs["sql"] = sql
    return table.rename(columns={"name": of})
