"""Snapshot sources send a record again after it has changed: the latest version replaces the others."""


def test_the_latest_version_of_a_record_replaces_all_its_events(model_of):
    """Ticket 9 was open, then solved: the events of the older version are gone, also those the newer one lacks."""
    model_of(
        "source_events",
        {
            "landed_events": """
        record_id | updated_at  | load_seq | line_no | event_name | event_id | occurred_at
        ----------+-------------+----------+---------+------------+----------+------------
        9         | 05-02 09:00 | 1        | 1       | opened     | a        | 09:00
        9         | 05-02 09:00 | 1        | 1       | pending    | b        | 09:05
        9         | 05-03 09:00 | 2        | 1       | opened     | c        | 09:00
        9         | 05-03 09:00 | 2        | 1       | solved     | d        | 09:10
    """
        },
        "event_id\nc\nd",
    )


def test_an_older_version_that_arrives_late_does_not_win(model_of):
    model_of(
        "source_events",
        {
            "landed_events": """
        record_id | updated_at  | load_seq | event_id | occurred_at
        ----------+-------------+----------+----------+------------
        9         | 05-03 09:00 | 1        | new      | 09:00
        9         | 05-02 09:00 | 2        | old      | 09:00
    """
        },
        "event_id\nnew",
    )


def test_of_two_versions_with_one_time_or_with_none_the_later_delivery_wins(model_of):
    model_of(
        "source_events",
        {
            "landed_events": """
        record_id | updated_at | load_seq | line_no | event_id | occurred_at
        ----------+------------+----------+---------+----------+------------
        1         | 05-02      | 1        | 7       | a        | 09:00
        1         | 05-02      | 2        | 3       | b        | 09:00
        2         |            | 1        | 8       | c        | 09:00
        2         |            | 2        | 4       | d        | 09:00
        3         | 05-02      | 1        | 9       | e        | 09:00
        3         |            | 2        | 5       | f        | 09:00
    """
        },
        "event_id\nb\nd\ne",
    )


def test_records_of_two_sources_do_not_replace_each_other(model_of):
    model_of(
        "source_events",
        {
            "landed_events": """
        source | record_id | updated_at | event_id | occurred_at
        -------+-----------+------------+----------+------------
        shop   | 1         | 05-02      | a        | 09:00
        desk   | 1         | 05-03      | b        | 09:00
    """
        },
        "event_id\na\nb",
    )


def test_events_that_are_no_records_all_count(model_of):
    model_of(
        "source_events",
        {"landed_events": "event_id | load_seq | occurred_at\na | 1 | 09:00\nb | 2 | 09:00"},
        "event_id\na\nb",
    )


def test_the_owner_of_a_record_may_change(model_of):
    """The ticket was Ann's by mistake; nothing of her is left."""
    model_of(
        "people",
        {
            "landed_events": """
        record_id | updated_at | user_id | occurred_at
        ----------+------------+---------+------------
        9         | 05-02      | ann     | 09:00
        9         | 05-03      | bob     | 09:00
    """
        },
        "person_id | n_events\nuser:web:bob | 1",
    )
