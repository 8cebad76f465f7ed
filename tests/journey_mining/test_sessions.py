"""Sessions as journeys: where they are cut, and which of them are still open."""

from datetime import timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import journey_mining as jm
from tests.journey_mining import reference
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.published_workspace import publish
from tests.journey_mining.test_agreement_with_reference import MIDNIGHT, assert_same, rows_of, some

COLUMNS = {"person": "person_id", "event": "stage", "time": "occurred_at"}
VISITS = steps_of("""
    journey_id | person_id | session_id | occurred_at      | stage
    -----------+-----------+------------+------------------+------
    a          | ann       | s1         | 2024-05-01 09:00 | home
    a          | ann       | s1         | 2024-05-01 09:30 | cart
    a          | ann       | s2         | 2024-05-01 11:45 | home
    b          | bob       | s3         | 2024-05-01 11:30 | home
""")


def test_a_session_is_open_until_the_gap_after_its_last_step_is_over():
    """As of 12:00 Ann may still come back within half an hour; Bob has had the whole of it, the last instant included."""
    log = jm.from_pandas(VISITS, **COLUMNS, as_of="2024-05-01 12:00").sessions("30m")
    assert_shows(
        log.transitions().table,
        """
        from    | to     | n_transitions | n_people | probability | n_open
        --------+--------+---------------+----------+-------------+-------
        (start) | home   | 2             | 2        | 1           | 1
        cart    | (end)  | 1             | 1        | 1           | 0
        home    | (end)  | 1             | 1        | 1 / 2       | 0
        home    | cart   | 1             | 1        | 1 / 2       | 0
        home    | (open) | 0             | 0        | 0           | 1
        """,
    )


def test_an_open_session_is_in_no_rate():
    log = jm.from_pandas(VISITS, **COLUMNS, as_of="2024-05-01 12:00").sessions("30m")
    assert_shows(
        log.funnel(["home", "cart"]).table,
        """
        stage | n_entries | share_of_previous | n_open
        ------+-----------+-------------------+-------
        home  | 2         |                   | 1
        cart  | 1         | 1 / 2             | 0
        """,
    )
    assert log.variants().table["share"].tolist() == [1 / 2, 1 / 2]
    first = log.step_matrix().table.query("step == 1 and name == 'home'").iloc[0]
    assert (first["n_journeys"], first["share"], first["n_open"]) == (2, 1, 1)


def test_a_session_of_the_source_is_over_as_it_came():
    log = jm.from_pandas(VISITS, **COLUMNS, session="session_id", as_of="2024-05-01 12:00").sessions()
    assert log.transitions().table["n_open"].sum() == 0


def test_a_session_that_is_over_counts_even_in_a_journey_that_is_open(tmp_path):
    """What the journey will come to is not known; that this session ended is."""
    log = jm.open(publish(tmp_path))
    assert log.transitions().table["n_open"].sum() == 2  # into the one step of Bob's journey, and out of it
    assert log.sessions("30m").transitions().table["n_open"].sum() == 0


@some
@given(
    st.lists(
        st.tuples(st.sampled_from(["ann", "bob", "cid"]), st.integers(0, 12), st.sampled_from("ABC")),
        min_size=1,
        max_size=14,
    ),
    st.integers(0, 4),
    st.integers(0, 16),
)
def test_sessions_cut_in_plain_python_give_the_same_transitions(touches, gap, as_of):
    """The twin gives each session as a journey that is open if, as of then, a step could still come that belongs to it."""
    gap, as_of = timedelta(minutes=gap), MIDNIGHT + timedelta(minutes=as_of)
    at = [(who, MIDNIGHT + timedelta(minutes=minute), name) for who, minute, name in touches]
    events = pd.DataFrame(at, columns=["person_id", "occurred_at", "stage"])
    sessions = []
    for who in sorted({who for who, _, _ in at}):
        own = sorted((step for step in at if step[0] == who), key=lambda step: step[1])
        for number, step in enumerate(own):
            if number == 0 or step[1] - own[number - 1][1] > gap:
                sessions.append([])
            sessions[-1].append(step)
    steps = [
        {"journey_id": id, "person_id": who, "step_number": number, "occurred_at": time, "stage": name, "touchpoint": name}
        | {"outcome": "open" if as_of - own[-1][1] < gap else None}
        for id, own in enumerate(sessions)
        for number, (who, time, name) in enumerate(own)
    ]  # fmt: skip
    table = jm.from_pandas(events, **COLUMNS, as_of=as_of).sessions(gap).transitions().table
    assert_same(rows_of(table, 2), reference.transitions(steps, "touchpoint"))
    for count in ("n_transitions", "n_open"):
        flow_in, flow_out = table.groupby("to")[count].sum(), table.groupby("from")[count].sum()
        assert all(flow_in[name] == flow_out[name] for name in set(table["from"]) - {"(start)"})


def test_what_lies_in_no_session_of_the_source_is_left_out():
    steps = pd.DataFrame({
        "person": ["ann"] * 4, "event": ["home", "cart", "buy", "mail"], "visit": [None, "v1", "v1", None],
        "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-20"]),
    })  # fmt: skip
    log = jm.from_pandas(steps, person="person", event="event", time="at", session="visit")
    assert_shows(
        log.sessions().transitions().table,
        """
        from    | to    | n_transitions
        (start) | cart  | 1
        buy     | (end) | 1
        cart    | buy   | 1
        """,
    )
