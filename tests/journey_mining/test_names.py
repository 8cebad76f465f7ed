"""A name that cannot be one of the alphabet analysed is refused; that nobody came is said of real names alone."""

import duckdb
import pandas as pd
import pytest

import journey_mining as jm
from tests.journey_mining.drawn import assert_shows
from tests.journey_mining.published_workspace import publish

ASK = {
    "funnel": lambda log, names: log.funnel(names, "7d"),
    "funnel_breakdown": lambda log, names: log.funnel_breakdown(names, column="persona"),
    "funnel_trend": lambda log, names: log.funnel_trend(names),
    "funnel_entries": lambda log, names: log.funnel_entries(names),
    "time_to_convert": lambda log, names: log.time_to_convert(names),
    "conversion_curve": lambda log, names: log.conversion_curve(names),
    "conversion_drivers": lambda log, names: log.conversion_drivers(names),
    "after_dropoff": lambda log, names: log.after_dropoff(names),
    "conformance": lambda log, names: log.conformance(names),
    "total_conformance": lambda log, names: log.total_conformance(names),
    "journey_conformance": lambda log, names: log.journey_conformance(names),
    "insertions": lambda log, names: log.insertions(names),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Two stages, look (shelf, door) and pay (till); a stage `thank` is designed, and nobody has come there."""
    change = "INSERT INTO stages VALUES ('buying', 'thank', 3)"
    return jm.open(publish(tmp_path_factory.mktemp("shop"), change))


@pytest.mark.parametrize("analysis", ASK)
@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["shelf", "till"], "'shelf' is a touchpoint, no stage; give by='touchpoint'"),
        (["look", "till"], "'till' is a touchpoint, no stage; give by='touchpoint'"),
        (["look", "purchase"], "no stage 'purchase'. There are: look, pay, thank"),
        (["lok", "pay"], "no stage 'lok'; did you mean 'look'"),
    ],
)
def test_what_is_no_stage_of_a_workspace_is_refused(analysis, names, complaint, shop):
    with pytest.raises(jm.ArgumentError, match=complaint):
        ASK[analysis](shop, names)


def test_names_of_the_alphabet_that_is_asked_for_are_counted(shop):
    """Of two mature journeys one has door or shelf alone, the other till and then door; the third is open."""
    assert shop.funnel(["till", "door"], by="touchpoint").table["n_entries"].tolist() == [1, 1]
    with pytest.raises(jm.ArgumentError, match="'look' is a stage, no touchpoint; give by='stage'"):
        shop.funnel(["till", "look"], by="touchpoint")


def test_the_events_of_a_workspace_are_an_alphabet_of_their_own(shop, tmp_path):
    """Journey a is a payment, then a page; b and the open journey c are a page each."""
    moves = shop.transitions(by="event")
    assert_shows(
        moves.table,
        """
        from       | to         | n_transitions | n_open
        -----------+------------+---------------+-------
        (start)    | order_paid | 1             | 0
        (start)    | page_view  | 1             | 1
        order_paid | page_view  | 1             | 0
        page_view  | (dropped)  | 1             | 0
        page_view  | (success)  | 1             | 0
        page_view  | (open)     | 0             | 1
        """,
    )
    with pytest.raises(jm.ArgumentError, match="'page_view' is an event, no touchpoint; give by='event'"):
        shop.funnel(["till", "page_view"], by="touchpoint")
    variants = jm.open(publish(tmp_path)).variants(by="event")
    with duckdb.connect() as con:
        pd.testing.assert_frame_equal(con.execute(variants.sql).df(), variants.table)


def test_a_name_of_several_alphabets_is_told_by_the_coarsest(tmp_path):
    log = jm.open(publish(tmp_path, "UPDATE events SET event_name = 'door'"))
    with pytest.raises(jm.ArgumentError, match="'door' is a touchpoint, no stage; give by='touchpoint'"):
        log.funnel(["look", "door"])


def test_nobody_has_come_to_a_designed_stage(shop):
    assert shop.funnel(["look", "thank"]).table["n_entries"].tolist() == [2, 0]
    assert shop.conformance(["look", "thank"]).table["n_visited"].tolist() == [2, 0]


EVENTS = pd.DataFrame(
    {
        "who": ["ann", "ann", "bob"],
        "what": ["home", "cart", "home"],
        "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]),
    }
)


@pytest.fixture(scope="module")
def log():
    return jm.from_pandas(EVENTS, person="who", event="what", time="at")


@pytest.mark.parametrize("analysis", ["funnel", "time_to_convert", "conformance"])
@pytest.mark.parametrize(("names", "nearest"), [(["home", "crat"], "cart"), (["hme", "cart"], "home")])
def test_a_slip_is_refused_in_a_log_without_a_design(analysis, names, nearest, log):
    with pytest.raises(jm.ArgumentError, match=f"did you mean {nearest!r}"):
        ASK[analysis](log, names)


@pytest.mark.parametrize(
    ("names", "how"), [(["signup", "cart"], {}), ([["signup", "register"], "cart"], {}), (["x", "y"], {"order": "any"})]
)
def test_a_funnel_that_nobody_can_enter_is_refused(names, how, log):
    with pytest.raises(jm.ArgumentError, match=r"stages: no event '(signup|x)'. There are: cart, home"):
        log.funnel(names, **how)


def test_nobody_may_have_come_to_what_is_not_designed_either_and_a_narrowed_log_knows_the_names_it_lost(log):
    assert log.funnel([["home", "signup"], "purchase"]).table["n_entries"].tolist() == [2, 0]
    assert log.filter("event = 'home'").funnel(["cart", "home"]).table["n_entries"].tolist() == [0, 0]


def test_a_name_that_was_given_another_is_no_name_any_more(log):
    with pytest.raises(jm.ArgumentError, match="no event 'cart'"):
        log.rename({"^cart$": "basket"}).funnel(["cart", "home"])


@pytest.mark.parametrize(
    ("what", "ask"),
    [
        ("pattern", lambda log: log.matching("shelf->till")),
        ("prefix", lambda log: log.next_steps(["shelf"])),
        ("success", lambda log: log.markov(success="shelf")),
        ("start", lambda log: log.retention(start="shelf")),
        ("goal", lambda log: log.discriminative_sequences(goal="shelf")),
    ],
)
def test_a_step_of_another_alphabet_is_told_as_one(what, ask, shop):
    with pytest.raises(jm.ArgumentError, match=f"{what}: 'shelf' is a touchpoint, no stage; give by='touchpoint'"):
        ask(shop)
