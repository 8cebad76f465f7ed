"""Transitions: which stage or touchpoint follows which, how often, how likely, after how many seconds."""

import pandas as pd

from journey_mining import dropoff, transition_graph, transitions
from tests.journey_mining.drawn import assert_shows, steps_of

RETURNING = steps_of("""
    journey_id | person_id | occurred_at         | stage  | touchpoint | outcome
    -----------+-----------+---------------------+--------+------------+----------
    a          | ann       | 2024-05-01 09:00:00 | search | home       | succeeded
    a          | ann       | 2024-05-01 09:01:00 | search | results    | succeeded
    a          | ann       | 2024-05-01 09:03:30 | cart   | basket     | succeeded
    a          | ann       | 2024-05-01 09:04:00 | search | results    | succeeded
    a          | ann       | 2024-05-01 09:09:00 | cart   | basket     | succeeded
    b          | ann       | 2024-05-02 09:00:00 | search | home       | dropped
    b          | ann       | 2024-05-02 09:00:10 | search | home       | dropped
    c          | bob       | 2024-05-03 09:00:00 | cart   | basket     | open
""")


def test_consecutive_steps_in_one_stage_are_one_visit_and_the_hand_over_starts_at_its_last_step():
    """search -> cart took 150 s (from 09:01, not from 09:00) and 300 s."""
    assert_shows(
        transitions(RETURNING),
        """
        from    | to        | n_transitions | n_journeys | n_people | probability | median_seconds | n_open
        --------+-----------+---------------+------------+----------+-------------+----------------+-------
        (start) | search    | 2             | 2          | 1        | 1           |                | 0
        search  | cart      | 2             | 1          | 1        | 2 / 3       | 225            | 0
        cart    | (success) | 1             | 1          | 1        | 1 / 2       |                | 0
        cart    | search    | 1             | 1          | 1        | 1 / 2       | 30             | 0
        search  | (dropped) | 1             | 1          | 1        | 1 / 3       |                | 0
        (start) | cart      | 0             | 0          | 0        | 0           |                | 1
        cart    | (open)    | 0             | 0          | 0        | 0           |                | 1
        """,
    )


def test_the_90th_percentile_lies_between_the_two_times_it_falls_between():
    """150 s and 300 s: 150 + 0.9 * 150."""
    table = transitions(RETURNING).set_index(["from", "to"])
    assert table.loc[("search", "cart"), "p90_seconds"] == 285


def test_between_touchpoints_every_step_counts_and_may_follow_itself():
    table = transitions(RETURNING, by="touchpoint")
    assert_shows(
        table[(table["from"] == "home") | (table["to"] == "home")],
        """
        from    | to        | n_transitions | n_people | probability | median_seconds
        --------+-----------+---------------+----------+-------------+---------------
        (start) | home      | 2             | 1        | 1           |
        home    | (dropped) | 1             | 1        | 1 / 3       |
        home    | home      | 1             | 1        | 1 / 3       | 10
        home    | results   | 1             | 1        | 1 / 3       | 60
        """,
    )


def test_the_times_of_open_journeys_are_left_out():
    steps = steps_of("""
        journey_id | occurred_at      | stage  | outcome
        -----------+------------------+--------+--------
        a          | 2024-05-01 09:00 | search | active
        a          | 2024-05-01 09:10 | cart   | active
        b          | 2024-05-01 09:00 | search | open
        b          | 2024-05-01 09:01 | cart   | open
    """)
    table = transitions(steps)
    assert_shows(
        table[table["to"] == "cart"], "n_transitions | median_seconds | p90_seconds | n_open\n1 | 600 | 600 | 1"
    )


def test_without_outcomes_every_journey_ends_in_end_and_counts():
    table = transitions(RETURNING.drop(columns="outcome"))
    assert_shows(
        table[table["to"] == "(end)"],
        """
        from   | to    | n_transitions | probability | n_open
        -------+-------+---------------+-------------+-------
        cart   | (end) | 2             | 2 / 3       | 0
        search | (end) | 1             | 1 / 3       | 0
        """,
    )
    assert table["n_open"].sum() == 0


def test_seconds_are_exact_below_the_second():
    steps = steps_of("""
        journey_id | occurred_at                | stage
        -----------+----------------------------+-------
        a          | 2024-05-01 09:00:00.900001 | search
        a          | 2024-05-01 09:00:01.100000 | cart
    """)
    table = transitions(steps)
    assert table.loc[table["to"] == "cart", "median_seconds"].tolist() == [0.199999]


def test_a_journey_without_a_person_counts_as_a_journey_but_not_among_people():
    steps = steps_of("""
        journey_id | person_id | stage
        -----------+-----------+------
        a          | ann       | cart
        b          |           | cart
        c          |           | cart
    """)
    assert_shows(transitions(steps).head(1), "n_journeys | n_people\n3 | 1")


def test_an_unfinished_table_of_steps_gives_an_empty_table_with_all_columns():
    table = transitions(RETURNING.head(0))
    assert len(table) == 0
    assert [*table.columns] == [*transitions(RETURNING).columns]


def test_the_graph_carries_the_table_on_its_edges_and_the_drop_off_on_its_nodes():
    graph = transition_graph(transitions(RETURNING), dropoff(RETURNING))
    assert graph.number_of_edges() == 7
    assert graph.edges["search", "cart"]["median_seconds"] == 225
    assert "median_seconds" not in graph.edges["(start)", "search"]
    assert graph.nodes["search"]["kind"] == "visit"
    assert (graph.nodes["search"]["n_visits"], graph.nodes["search"]["dropoff_rate"]) == (3, 0.5)
    assert (graph.nodes["(start)"]["kind"], graph.nodes["(start)"]["n_visits"]) == ("start", 2)
    assert (graph.nodes["(dropped)"]["kind"], graph.nodes["(dropped)"]["n_visits"]) == ("end", 1)
    assert (graph.nodes["(open)"]["kind"], graph.nodes["(open)"]["n_visits"]) == ("end", 0)


def test_flow_is_conserved_at_every_stage_of_the_graph():
    graph = transition_graph(transitions(RETURNING))
    for name, kind in graph.nodes(data="kind"):
        if kind == "visit":
            for weight in ("n_transitions", "n_open"):
                assert graph.in_degree(name, weight=weight) == graph.out_degree(name, weight=weight)


def test_the_graph_of_no_transitions_is_empty():
    assert len(transition_graph(pd.DataFrame(columns=["from", "to", "n_transitions"]))) == 0
