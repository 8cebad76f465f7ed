"""Cleaning: fewer names, no ids, no repeats; and every step that changed is counted."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journey_mining as jm
from tests.examples import examples
from tests.journey_mining.drawn import assert_shows

few = examples(12)
PATHS = [
    "/",
    "/user/7",
    "/user/12/orders/9?tab=2",
    "/help/a",
    "/help/b#top",
    "/cart",
    "buy",
    "7",
    "/x/DEADBEEF00112233",
]


def log_of(*journeys: list[str]) -> jm.Log:
    rows = [
        (f"p{person}", name, pd.Timestamp("2024-05-01") + pd.Timedelta(minutes=minute))
        for person, names in enumerate(journeys)
        for minute, name in enumerate(names)
    ]
    events = pd.DataFrame(rows, columns=["who", "what", "at"])
    return jm.from_pandas(events, person="who", event="what", time="at")


def names_in(log: jm.Log) -> list[list[str]]:
    """The journeys of a log as lists of names, by its own transitions, which are few enough to be read back."""
    rows = log.con.execute(
        f"SELECT list(event::VARCHAR ORDER BY step_number) FROM {log.schema}.rows GROUP BY journey_no ORDER BY journey_no"
    ).fetchall()
    return [names for (names,) in rows]


def test_collapsing_keeps_the_first_of_a_run_and_says_what_it_left_out():
    log = log_of(["a", "a", "b", "a", "a", "a"], ["b", "b"], ["a"]).collapse()
    assert names_in(log) == [["a", "b", "a"], ["b"], ["a"]]
    assert_shows(log.changes().table, "did | name | new_name | n_steps\ncollapsed | a | | 3\ncollapsed | b | | 1")
    # The first a of minutes 0 and 1 stays, and that of minutes 3 to 5.
    seconds = log.transitions().table.set_index(["from", "to"])["median_seconds"]
    assert (seconds["a", "b"], seconds["b", "a"]) == (120, 60)


def test_rules_come_first_in_their_order_and_wildcards_second_of_which_the_first_that_fits_counts():
    log = log_of(["/help/a?x=1", "/help/b", "/cart"])
    cleaned = log.rename({r"\?.*$": "", "^/help/b$": "/faq/b"}, {"/help/*": "help", "/*": "page"})
    assert names_in(cleaned) == [["help", "page", "page"]]
    assert_shows(
        cleaned.changes().table,
        """
        did     | name        | new_name | n_steps
        --------+-------------+----------+--------
        renamed | /cart       | page     | 1
        renamed | /help/a?x=1 | help     | 1
        renamed | /help/b     | page     | 1
        """,
    )


def test_a_wildcard_is_no_regular_expression_and_fits_whole_names_only():
    assert names_in(log_of(["a.c", "abc", "a.cd"]).rename(wildcards={"a.c": "dot"})) == [["dot", "abc", "a.cd"]]


def test_ids_in_paths_are_masked_and_other_names_are_left_alone():
    uuid = "550e8400-e29b-41d4-a716-446655440000"
    names = [
        "/user/7",
        f"/user/{uuid}/edit",
        "/f/0123456789abcdef",
        "/f/feedfacefeedface",
        "/year2024",
        "42",
        "/a/1/2?q=3",
    ]
    assert names_in(log_of(names).mask_ids()) == [
        ["/user/[id]", "/user/[id]/edit", "/f/[id]", "/f/feedfacefeedface", "/year2024", "42", "/a/[id]/[id]?q=3"]
    ]


def test_templates_are_proposed_where_many_small_parts_follow_one_beginning():
    names = [f"/shop/item-{k}" for k in range(5)] + ["/shop/sale"] * 10 + ["/user/1", "/user/2", "/user/2", "/about"]
    log = log_of(names)
    templates = log.route_templates(many=4, share=0.2).table
    assert_shows(
        templates.assign(examples=templates["examples"].map(" ".join)),
        """
        template     | n_steps | n_distinct | examples
        -------------+---------+------------+--------------------------------------
        /shop/[name] | 5       | 5          | /shop/item-0 /shop/item-1 /shop/item-2
        /user/[id]   | 3       | 2          | /user/2 /user/1
        """,
    )
    assert set(names_in(log.use_routes(many=4, share=0.2))[0]) == {
        "/shop/[name]", "/shop/sale", "/user/[id]", "/about",
    }  # fmt: skip


def test_a_slash_at_the_end_of_a_path_makes_no_other_route():
    """The page of the shop itself is /, and a slash within a path stays."""
    log = log_of(["/home", "/home/", "/home/?from=mail", "/user/7/", "/", "//", "/a//b", "home/"])
    assert names_in(log.use_routes()) == [["/home", "/home", "/home", "/user/[id]", "/", "/", "/a//b", "home/"]]
    assert_shows(
        log.route_templates().table,
        """
        template   | n_steps | n_distinct
        -----------+---------+-----------
        /home      | 3       | 3
        /          | 2       | 2
        /user/[id] | 1       | 1
        """,
    )


@pytest.mark.parametrize("asked", [{"n": 2}, {"share": 0.3}])
def test_rare_names_become_other_and_no_step_is_lost(asked):
    log = log_of(["a", "b", "a", "c"]).group_rare(**asked)
    assert names_in(log) == [["a", "(other)", "a", "(other)"]]
    table = log.transitions().table
    assert table["n_transitions"].sum() == 5
    assert log.changes().table["n_steps"].sum() == 2


def test_what_was_grouped_may_be_narrowed_cleaned_and_grouped_again():
    log = log_of(["a", "b", "a", "c", "c"]).group_rare(n=2).sessions("1h").collapse().group_rare(n=2)
    assert names_in(log) == [["a", "(other)", "a", "(other)"]]
    assert log.changes().table["position"].tolist() == [1, 2, 3]


@few
@given(st.lists(st.lists(st.sampled_from("aabcd"), min_size=1, max_size=6), min_size=1, max_size=4), st.integers(1, 4))
def test_grouping_agrees_with_counting_and_conserves_flow(journeys, n):
    counts = pd.Series([name for names in journeys for name in names]).value_counts()
    log = log_of(*journeys).group_rare(n=n)
    assert names_in(log) == [[name if counts[name] >= n else "(other)" for name in names] for names in journeys]
    table = log.transitions().table
    flow_in, flow_out = table.groupby("to")["n_transitions"].sum(), table.groupby("from")["n_transitions"].sum()
    assert all(flow_in[name] == flow_out[name] for name in set(table["from"]) - {"(start)"})


@few
@given(st.lists(st.sampled_from(PATHS), min_size=1, max_size=8))
def test_masking_agrees_with_a_plain_reading_of_each_part_and_is_done_once_for_all(names):
    def masked(name: str) -> str:
        parts = []
        for part in name.split("/"):
            head, rest = re.fullmatch(r"([^?#]*)(.*)", part).groups()
            is_hash = len(head) >= 16 and set(head.lower()) <= set("0123456789abcdef") and any(map(str.isdigit, head))
            parts.append("[id]" + rest if head.isdigit() or is_hash else part)
        return "/".join(parts) if "/" in name else name

    once = log_of(names).mask_ids()
    assert names_in(once) == [[masked(name) for name in names]]
    assert names_in(once.mask_ids()) == names_in(once)


@pytest.mark.parametrize(
    ("clean", "complaint"),
    [
        (lambda log: log.rename({"^a$": ""}), "the name a would become empty"),
        (lambda log: log.rename({"^a$": "(end)"}), r"the name a would become \(end\), a name of our own"),
        (lambda log: log.rename({"^a$": "(other)"}), "a name of our own"),
        (lambda log: log.rename({"(": "x"}), r"rename: .*missing \)"),
        (lambda log: log.rename(), "at least one rule"),
        (lambda log: log.group_rare(), "give n .* or share"),
        (lambda log: log.group_rare(n=2, by="stage"), "no column 'stage'"),
        (lambda log: log.collapse(by="page"), "no column 'page'"),
        (lambda log: log.route_templates(many=0), "at least 1"),
    ],
)
def test_an_error_says_what_would_go_wrong(clean, complaint):
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        clean(log_of(["a", "b"]))


def test_a_session_of_two_people_is_refused_with_its_name():
    events = pd.DataFrame({"who": ["ann", "bob"], "what": ["a", "a"], "visit": ["7", "7"]})
    with pytest.raises(jm.StepsError, match=r"several people have the session '7'.*make its name of who and visit"):
        jm.from_pandas(
            events.assign(at=pd.Timestamp("2024-05-01")), person="who", event="what", time="at", session="visit"
        )


def test_a_journey_of_two_people_is_refused_with_its_name():
    steps = pd.DataFrame(
        {"journey_id": ["j", "j"], "person_id": ["ann", "bob"], "step_number": [1, 2], "stage": ["a", "a"]}
    )
    with pytest.raises(jm.StepsError, match="1 journeys have several people, such as 'j'"):
        jm.transitions(steps.assign(occurred_at=pd.Timestamp("2024-05-01")))


def test_a_name_that_is_no_path_is_no_route_though_it_holds_a_slash():
    steps = pd.DataFrame(
        {
            "person": ["ann"] * 2,
            "event": ["Support 24/7", "/user/7"],
            "at": pd.to_datetime(["2024-05-01", "2024-05-02"]),
        }
    )
    log = jm.from_pandas(steps, person="person", event="event", time="at").use_routes()
    assert_shows(log.changes().table, "name | new_name\n/user/7 | /user/[id]")


@pytest.mark.parametrize("name", ["is_repeat", "person_no", "day_no", "known_journey_no"])
def test_a_column_that_is_called_as_one_of_ours_is_refused(name):
    steps = pd.DataFrame({"person": ["ann"], "event": ["home"], "at": pd.to_datetime(["2024-05-01"]), name: [True]})
    with pytest.raises(jm.ArgumentError, match=f"'{name}' is what a column of our own is called"):
        jm.from_pandas(steps, person="person", event="event", time="at", keep=[name])
