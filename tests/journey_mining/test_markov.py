"""Markov chains of journeys: hand-made cases, simulation, the bootstrap, and agreement with slow twins."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

import journey_mining as jm
from tests.examples import examples
from tests.journey_mining import reference
from tests.journey_mining import reference_markov as slow
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.test_agreement_with_reference import tables_of_steps

few = examples(8)
SHOP = """
    journey_id | person_id | stage | outcome   | occurred_at
    a          | ann       | look  | succeeded | 2024-05-01 09:00
    a          | ann       | cart  | succeeded | 2024-05-01 09:10
    a          | ann       | buy   | succeeded | 2024-05-01 09:30
    b          | bob       | look  | dropped   | 2024-05-01 09:00
    b          | bob       | look  | dropped   | 2024-05-01 09:02
    c          | cid       | cart  | dropped   | 2024-05-01 09:00
    c          | cid       | look  | dropped   | 2024-05-01 09:10
    d          | dan       | cart  | open      | 2024-05-01 09:00
"""


def paths(*rows):
    """Steps of journeys drawn as ("A>B>C", is_success), a day apart, each of a person of their own."""
    found = []
    for number, (path, is_success) in enumerate(rows):
        for place, channel in enumerate(path.split(">"), 1):
            at = pd.Timestamp("2024-05-01") + pd.Timedelta(days=place)
            outcome = "succeeded" if is_success else "dropped"
            found.append((f"j{number}", f"p{number}", place, at, "any", channel, outcome))
    columns = ["journey_id", "person_id", "step_number", "occurred_at", "stage", "channel", "outcome"]
    return pd.DataFrame(found, columns=columns)


def records(table):
    return table.astype(object).where(table.notna(), None).to_dict("records")


def test_absorption_by_hand():
    """look -> cart, end, end; cart -> buy, look: P(look) = 1/3 * P(cart), P(cart) = 1/2 + 1/2 * P(look), so 1/5 and 3/5.

    Visits to come: v(look) = 1/3 * (1 + v(cart)), v(cart) = 1/2 + 1/2 * (1 + v(look)), so 4/5 and 7/5.
    Time out of look: 10 min to the cart, 2 and 0 to the end, a mean of 4; out of cart 20 and 10, a mean of 15:
    t(look) = 4 + t(cart) / 3, t(cart) = 15 + t(look) / 2, so 10.8 and 20.4 minutes.
    """
    table = jm.markov(steps_of(SHOP))
    assert_shows(
        table,
        """
        stage   | n_visits | n_journeys | success_probability | expected_visits   | expected_seconds   | n_open
        --------+----------+------------+---------------------+-------------------+--------------------+-------
        (start) | 3        | 3          | 1 / 3               | 6 / 3             | (30 + 2 + 10) * 20 | 1
        look    | 3        | 3          | 1 / 5               | 4 / 5             | 10.8 * 60          | 0
        cart    | 2        | 2          | 3 / 5               | 7 / 5             | 20.4 * 60          | 1
        buy     | 1        | 1          | 1                   | 0                 | 0                  | 0
        """,
    )


def test_a_name_that_is_success_ends_the_journey_there():
    steps = steps_of(SHOP).drop(columns="outcome")
    table = jm.markov(steps, success="cart").set_index("stage")
    assert table.index.tolist() == ["(start)", "cart", "look"]
    assert table.loc["(start)", "success_probability"] == pytest.approx(3 / 4)
    assert table.loc["cart", ["success_probability", "expected_visits", "expected_seconds"]].tolist() == [1, 0, 0]
    assert table.loc["look", "success_probability"] == pytest.approx(1 / 2)


def test_from_the_start_a_chain_says_what_was_observed():
    steps = steps_of(SHOP)
    start = jm.markov(steps).iloc[0]
    _, low, high, error = reference.clustered([("ann", True), ("bob", False), ("cid", False)])
    assert start["success_error"] == pytest.approx(error, rel=1e-6)
    assert start[["success_low", "success_high"]].tolist() == pytest.approx([low, high], rel=1e-6)


@few
@given(tables_of_steps(with_outcome=True), st.sampled_from([None, "A"]))
def test_absorption_and_its_errors_agree(steps, success):
    found = list(slow.chains(records(steps), success))
    assume(found and (success is None or success in set(steps["stage"])))
    table = jm.markov(steps, success).set_index("stage")
    expected = slow.markov(found)
    assert set(table.index[table["n_visits"] > 0]) == set(expected)
    for state, values in expected.items():
        row = table.loc[state]
        names = ("success_probability", "expected_visits", "expected_seconds")
        assert row[list(names)].tolist() == pytest.approx(list(values), abs=1e-8)
        for place, name in enumerate(("success_error", "visits_error", "seconds_error")):
            error = slow.error(found, lambda w, place=place, state=state: slow.markov(found, w)[state][place])
            assert (error is None) == bool(pd.isna(row[name]))
            assert error is None or row[name] == pytest.approx(error, rel=1e-3, abs=1e-3 if place == 2 else 1e-5)


def simulated(n, seed):
    """Journeys of a chain whose P(success) is known: 0.6 of lookers fill a cart, 0.3 of carts go back, 0.4 buy."""
    random, rows = np.random.default_rng(seed), []
    ways = {"look": (["cart", "dropped"], [0.6, 0.4]), "cart": (["look", "succeeded", "dropped"], [0.3, 0.4, 0.3])}
    for journey in range(n):
        name, path = "look", []
        while name in ways:
            path.append(name)
            name = random.choice(ways[name][0], p=ways[name][1])
        rows += [(f"j{journey}", f"p{journey // 2}", place, stage, name) for place, stage in enumerate(path, 1)]
    steps = pd.DataFrame(rows, columns=["journey_id", "person_id", "step_number", "stage", "outcome"])
    return steps.assign(occurred_at=pd.Timestamp("2024-05-01") + pd.to_timedelta(steps["step_number"], "min"))


def test_the_closed_form_lies_within_the_error_of_a_simulation():
    """P(look) = 0.6 P(cart) and P(cart) = 0.4 + 0.3 P(look): 0.24 / 0.82. Visits from the start: 1.6 / 0.82."""
    table = jm.markov(simulated(2000, seed=1)).set_index("stage")
    look = table.loc["look"]
    assert abs(look["success_probability"] - 0.24 / 0.82) < 3 * look["success_error"]
    assert abs(table.loc["(start)", "expected_visits"] - 1.6 / 0.82) < 3 * table.loc["(start)", "visits_error"]
    assert look["success_error"] == pytest.approx(0.01, abs=0.003)


def test_the_error_of_what_if_is_that_of_a_bootstrap_by_person():
    steps = simulated(400, seed=2)
    changes = {("look", "cart"): 0.8, ("cart", "(dropped)"): 0.1}
    table = jm.what_if(steps, changes)
    found = list(slow.chains(records(steps)))
    people = sorted({chain["cluster"] for chain in found})
    random, drawn = np.random.default_rng(3), []
    for _ in range(200):
        weights = dict(zip(people, random.multinomial(len(people), [1 / len(people)] * len(people)), strict=True))
        drawn.append(slow.changed(found, changes, weights.get) - slow.changed(found, {}, weights.get))
    together = table.iloc[-1]
    error = (together["difference_high"] - together["difference_low"]) / 2 / 1.959964
    assert error == pytest.approx(np.std(drawn), rel=0.2)
    assert together["difference"] == pytest.approx(slow.changed(found, changes) - slow.changed(found, {}), abs=1e-9)


def test_what_if_by_hand():
    """Without drop-off at look its way to the cart is left: P(cart) = 1/2 + 1/2 P(look), P(look) = P(cart): both 1."""
    assert_shows(
        jm.what_if(steps_of(SHOP), {"look": 0, ("cart", "buy"): 1}),
        """
        from  | to        | probability_now | probability_then | n_journeys | success_now | success_then        | more_successes
        look  | (dropped) | 2 / 3           | 0                | 3          | 1 / 3       | 1                   | 2
        cart  | buy       | 1 / 2           | 1                | 3          | 1 / 3       | (2 * 1/3 + 1) / 3   | 2 / 3
        (all) | (all)     |                 |                  | 3          | 1 / 3       | 1                   | 2
        """,
    )


@few
@given(tables_of_steps(with_outcome=True), st.sampled_from([0, 0.3, 0.9]), st.sampled_from([0.05, 0.1]))
def test_what_if_and_its_errors_agree(steps, to_end, to_next):
    found = list(slow.chains(records(steps)))
    moves = slow.counted(found)[0]
    assume({"A", "B"} <= set(moves) and "(dropped)" in {t for targets in moves.values() for t in targets})
    changes = {("A", "(dropped)"): to_end, ("A", "B"): to_next, ("B", "A"): 0.5}
    try:
        row = jm.what_if(steps, changes).iloc[-1]
    except jm.ArgumentError:  # such changes leave no way to the end, or nowhere else to go
        assume(False)
    assert row["success_then"] == pytest.approx(slow.changed(found, changes), abs=1e-8)
    error = slow.error(found, lambda w: slow.changed(found, changes, w) - slow.changed(found, {}, w))
    width = (row["difference_high"] - row["difference_low"]) / 2 / 1.959963984540054
    assert (error is None) == bool(pd.isna(width))
    assert error is None or width == pytest.approx(error, rel=1e-3, abs=1e-5)


def test_removal_effects_of_a_textbook_example():
    """C1>C2>C3 converts, C1 alone and C2>C3 do not. P = (2/3 * 1/2 + 1/3) * 1/2 = 1/3; without C1 1/3 * 1/2."""
    assert_shows(
        jm.removal_effects(paths(("A>B>C", 1), ("A", 0), ("B>C", 0))),
        """
        channel | n_journeys | removal_effect | share
        B       | 2          | 1              | 0.4
        C       | 2          | 1              | 0.4
        A       | 2          | 0.5            | 0.2
        """,
    )


def test_removal_effects_with_one_step_of_memory_by_hand():
    """P = (3/4 * 2/3 + 1/4) * 2/3 = 1/2. Without B, C is reached at the start alone: 1/4 * 2/3. Without A: 5/12 * 2/3."""
    assert_shows(
        jm.removal_effects(paths(("A>B>C", 1), ("A>B", 0), ("B>C", 1), ("C", 0))),
        """
        channel | removal_effect
        C       | 1
        B       | 1 - 1 / 6 * 2
        A       | 1 - (1 / 2 * 2 / 3 + 1 / 4 - 1 / 6) * 2 / 3 * 2
        """,
    )


def test_path_based_removal_of_the_same_paths_counts_the_successes_that_touched_a_channel():
    """The published case says 1, 1 and 0.5 of these paths, without any memory of one step; docs/markov.md tells both."""
    won = ["A>B>C", "B>C"]
    removed = {channel: sum(channel in path for path in won) / len(won) for channel in "CBA"}
    assert removed == {"C": 1, "B": 1, "A": 0.5}
    found = jm.removal_effects(paths(*((path, 1) for path in won), ("A>B", 0), ("C", 0))).set_index("channel")
    assert found["removal_effect"].to_dict() == pytest.approx({"C": 1, "B": 2 / 3, "A": 4 / 9})


@st.composite
def touched_steps(draw):
    steps = draw(tables_of_steps(with_outcome=True))
    channels = st.sampled_from(["mail", "search", "social", None])
    return steps.assign(channel=[draw(channels) for _ in range(len(steps))])


@few
@given(touched_steps(), st.sampled_from([None, "A"]))
def test_removal_effects_and_their_errors_agree(steps, success):
    found = list(slow.chains(records(steps), success, of="channel"))
    assume(any(chain["end"] == "(success)" for chain in found))
    assume({name for chain in found for name in chain["names"]})
    table = jm.removal_effects(steps, success=success).set_index("channel")
    names = {name for chain in found for name in chain["names"]}
    assert set(table.index[table["n_journeys"] > 0]) == names
    for name in names:
        assert table.loc[name, "removal_effect"] == pytest.approx(slow.removed(found, name), abs=1e-8)
        error = slow.error(found, lambda w, name=name: slow.removed(found, name, w))
        assert error is None or table.loc[name, "effect_error"] == pytest.approx(error, rel=1e-3, abs=1e-5)
        effects = [slow.removed(found, other) for other in sorted(names)]
        if sum(effects) > 1e-9:
            share = lambda w, name=name: slow.removed(found, name, w) / sum(slow.removed(found, n, w) for n in names)  # noqa: E731
            error = slow.error(found, share)
            assert error is None or table.loc[name, "share_error"] == pytest.approx(error, rel=1e-3, abs=1e-5)


@few
@given(touched_steps(), st.sampled_from([None, "A"]))
def test_attribution_agrees_and_every_rule_gives_out_all_successes(steps, success):
    found = list(slow.chains(records(steps), success, of="channel"))
    n_successes = sum(chain["end"] == "(success)" for chain in found)
    assume(n_successes)
    table = jm.attribution(steps, success=success, half_life="2s")
    for rule in ("first", "last", "linear", "position", "decay", "shapley"):
        own = table[table["rule"] == rule].set_index("channel")["credit"]
        expected = slow.shapley(found) if rule == "shapley" else slow.credits(found, rule, half_life=2.0)
        expected.pop(None, None)
        own = own.drop("(unattributed)", errors="ignore")
        assert own[own > 1e-8].to_dict() == pytest.approx({k: v for k, v in expected.items() if v > 1e-8}, abs=1e-7)
    if table["credit"].notna().all():
        assert table.groupby("rule")["credit"].sum().tolist() == pytest.approx([n_successes] * 7, abs=1e-6)
    assert (
        table["share"].dropna().between(table["share_low"], table["share_high"]).loc[table["share_low"].notna()].all()
    )


def test_attribution_by_hand():
    """Ann touches mail, search, mail a day apart and buys: by position mail has 0.4 + 0.4; by decay 1/4 + 1 of 7/4."""
    table = jm.attribution(paths(("mail>search>mail", 1), ("search", 0)), half_life="1d")
    assert_shows(
        table[table["channel"] == "mail"],
        """
        rule     | channel | n_journeys | credit
        first    | mail    | 1          | 1
        last     | mail    | 1          | 1
        linear   | mail    | 1          | 2 / 3
        position | mail    | 1          | 0.8
        decay    | mail    | 1          | 0.714285714
        markov   | mail    | 1          | 2 / 3
        shapley  | mail    | 1          | 0.5
        """,
    )


def test_the_order_test_is_a_test_of_independence_in_contingency_tables():
    """After B, whence one came tells where one goes: (A, B) -> C 30, D 10; (E, B) -> C 10, D 30."""
    steps = paths(*[("A>B>C", 1)] * 30, *[("A>B>D", 1)] * 10, *[("E>B>C", 1)] * 10, *[("E>B>D", 1)] * 30)
    table = jm.order_test(steps.assign(stage=steps["channel"])).set_index("order")
    found = chi2_contingency([[30, 10], [10, 30]], correction=False, lambda_="log-likelihood")
    assert table.loc[2, "statistic"] == pytest.approx(found.statistic)
    assert table.loc[2, "degrees_of_freedom"] == 1
    assert table.loc[2, "p_value"] == pytest.approx(found.pvalue)
    assert table.loc[2, "is_best"]
    next_of = [[0, 80, 0, 0], [40, 0, 40, 0], [0, 0, 0, 40], [0, 0, 0, 40]]
    expected = np.outer(np.sum(next_of, axis=1), np.sum(next_of, axis=0)) / 240
    cells = [n * np.log(n / e) for n, e in zip(np.ravel(next_of), np.ravel(expected), strict=True) if n]
    assert table.loc[1, "statistic"] == pytest.approx(2 * sum(cells))
    assert table.loc[1, "degrees_of_freedom"] == (5 - 1) * (4 - 1)


@few
@given(tables_of_steps(with_outcome=True))
def test_likelihoods_of_orders_agree(steps):
    found = list(slow.chains(records(steps)))
    assume(found)
    table = jm.order_test(steps)
    assert table["log_likelihood"].tolist() == pytest.approx(
        [slow.log_likelihood(found, k) for k in (0, 1, 2)], abs=1e-9
    )
    assert (table["n_parameters"].diff().dropna() >= 0).all()


def test_memoryless_journeys_are_told_as_such():
    table = jm.order_test(simulated(2000, seed=4))
    assert table.loc[table["is_best"], "order"].tolist() == [1]
    assert table.loc[2, "p_value"] > 0.01


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda s: jm.markov(s, success="bye"), "success: no stage 'bye'; did you mean 'buy'"),
        (lambda s: jm.markov(s.drop(columns="outcome")), "needs the column 'outcome'"),
        (lambda s: jm.markov(s[s["outcome"] == "open"]), "no journey is mature yet"),
        (lambda s: jm.what_if(s, {}), "changes: give at least one"),
        (lambda s: jm.what_if(s, {"card": 0.1}), "changes: no name 'card'; did you mean 'cart'"),
        (lambda s: jm.what_if(s, {"cart": 1.1}), "a probability is between 0 and 1, not 1.1"),
        (lambda s: jm.what_if(s, {("(dropped)", "cart"): 1}), "is an end"),
        (lambda s: jm.what_if(s, {"cart": 0.6, ("cart", "buy"): 0.6}), "sum to 1.2, more than 1"),
        (
            lambda s: jm.what_if(s, {"cart": 0.2, ("cart", "(dropped)"): 0.3}),
            "the way from 'cart' to '\\(dropped\\)' is given twice",
        ),
        (lambda s: jm.what_if(s, {("buy", "(success)"): 0.5}), "nothing else is known to follow 'buy'"),
        (
            lambda s: jm.what_if(s, {("look", "cart"): 1, ("cart", "look"): 1}),
            "journeys at .*cart, look would never end",
        ),
        (lambda s: jm.attribution(s, "frist", of="person_id"), "rule: no rule 'frist'; did you mean 'first'"),
        (lambda s: jm.attribution(s, "decay", of="stage", half_life="0s"), "half_life: more than nothing"),
        (lambda s: jm.attribution(s, of="touchpoint"), "of: these names are by stage"),
        (lambda s: jm.removal_effects(s, of="chanel"), "no column 'chanel'"),
        (lambda s: jm.attribution(s.assign(channel="(start)")), "of: '\\(start\\)' in 'channel' is a name of our own"),
        (lambda s: jm.removal_effects(s[s["outcome"] == "dropped"], of="stage"), "no mature journey succeeded"),
    ],
)
def test_an_error_says_what_is_wrong(ask, complaint):
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        ask(steps_of(SHOP))


def test_where_no_channel_brings_a_success_none_has_any_credit():
    steps = steps_of("""
        journey_id | person_id | stage | channel
        a          | ann       | look  |
        a          | ann       | buy   |
        b          | bob       | look  | mail
    """)
    assert_shows(
        jm.attribution(steps, "markov", success="buy"),
        """
        channel        | credit | share
        (unattributed) | 1      | 1
        mail           | 0      | 0
        """,
    )


def test_where_the_outcome_tells_the_last_touch_is_one_too():
    """Both came to help, the one after buying; help is where a succeeded and b was dropped."""
    steps = steps_of(
        """
        journey_id | person_id | stage | outcome
        a          | ann       | cart  | succeeded
        a          | ann       | buy   | succeeded
        a          | ann       | help  | succeeded
        b          | bob       | cart  | dropped
        b          | bob       | help  | dropped
        """
    )
    assert jm.removal_effects(steps, of="stage").set_index("stage").loc["help", "n_journeys"] == 2
    last = jm.attribution(steps, "last", of="stage")
    assert last.loc[last["credit"] > 0, ["stage", "credit"]].to_numpy().tolist() == [["help", 1.0]]


def test_a_rule_named_twice_gives_its_credit_once():
    steps = paths(("A>B", 1))
    assert jm.attribution(steps, ["first", "first"])["credit"].sum() == 1


def test_an_effect_of_two_people_is_not_taken_for_certain():
    """Whoever succeeded had come by A: without it none would. Of two successes that is not known to the last digit."""
    found = jm.removal_effects(paths(("A", 1), ("A", 1), ("B", 0))).set_index("channel")
    assert found.loc["A", ["removal_effect", "effect_high"]].tolist() == [1, 1]
    # Wilson's lower limit of 2 of 2: n / (n + z^2).
    assert found.loc["A", "effect_low"] == pytest.approx(2 / (2 + 1.959963984540054**2))


def test_the_figures_of_chains_draw_what_their_tables_say():
    """In the order of the tables; of attribution channel by channel."""
    chain, change = jm.markov(steps_of(SHOP)), jm.what_if(steps_of(SHOP), {"look": 0.1})
    (bars,) = jm.markov_figure(chain).data
    assert list(bars.x) == chain["success_probability"].tolist()
    assert list(bars.error_x.array) == pytest.approx((chain["success_high"] - chain["success_probability"]).tolist())
    now, then = jm.what_if_figure(change).data
    assert [list(now.x), list(then.x)] == [change["success_now"].tolist(), change["success_then"].tolist()]
    shares = jm.attribution(paths(("A>B", 1), ("A", 1), ("B", 0)), of="channel")
    (bars,) = jm.attribution_figure(shares).data
    assert list(bars.x) == [share for name in "AB" for share in shares.loc[shares["channel"] == name, "share"]]
