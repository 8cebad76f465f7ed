"""A person has journeys, a journey has sessions; what does not lie so is refused or told."""

import pytest

import journey_mining as jm
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.published_workspace import publish


def test_a_session_in_two_journeys_is_told_and_steps_outside_are_counted():
    steps = steps_of("""
        journey_id | person_id | session_id | stage
        -----------+-----------+------------+------
        a          | ann       | s1         | x
        a          | ann       | s2         | x
        b          | ann       | s2         | x
        c          |           |            | x
        c          |           |            | x
        d          |           | s3         | x
    """)
    told = """
        grain   | n | n_steps_without | n_crossing | crossing
        --------+---+-----------------+------------+---------
        person  | 1 | 3               | 0          |
        journey | 4 | 0               | 0          |
        session | 3 | 2               | 1          | s2
    """
    assert_shows(jm.grains(steps), told)


def test_a_log_without_sessions_has_two_grains():
    assert jm.grains(steps_of("journey_id | stage\na | x"))["grain"].tolist() == ["person", "journey"]


def test_sessions_cut_at_a_gap_may_cross_those_of_the_source():
    steps = steps_of("""
        journey_id | person_id | session_id | stage | occurred_at
        -----------+-----------+------------+-------+-----------------
        a          | ann       | s1         | x     | 2024-05-01 09:00
        a          | ann       | s1         | x     | 2024-05-01 10:00
    """)
    log = jm.from_pandas(steps, person="person_id", event="stage", time="occurred_at", session="session_id")
    assert log.grains().table["n_crossing"].tolist() == [0, 0, 0]
    assert log.sessions("30m").grains().table["n_crossing"].tolist() == [0, 0, 1]
    assert log.sessions().grains().table["n_crossing"].tolist() == [0, 0, 0]


def test_a_session_of_two_people_is_refused_wherever_it_is_read():
    steps = steps_of("""
        journey_id | person_id | session_id | stage
        -----------+-----------+------------+------
        a          | ann       | s1         | x
        b          | bob       | s1         | x
    """)
    with pytest.raises(
        jm.StepsError, match=r"several people have the session 's1'.*make its name of person_id and session"
    ):
        jm.transitions(steps)


def test_the_journeys_of_a_workspace_are_those_of_its_people_and_its_sessions_may_cross(tmp_path):
    """Ann's session ends journey a and begins journey b."""
    told = """
        grain   | n | n_steps_without | n_crossing | crossing
        --------+---+-----------------+------------+---------
        person  | 2 | 0               | 0          |
        journey | 3 | 0               | 0          |
        session | 2 | 0               | 1          | s1
    """
    assert_shows(jm.open(publish(tmp_path)).grains().table, told)


def test_a_ticket_that_two_people_touched_is_of_the_first_one_known(tmp_path):
    """The step of a stranger in journey a; journey_outcomes says that the journey is ann's."""
    log = jm.open(publish(tmp_path, "UPDATE journey_steps SET person_id = 'zoe' WHERE event_no = 1"))
    assert log.grains().table["n"].tolist() == [2, 3, 2]
    assert log.retention().table["n_people"].max() == 2
