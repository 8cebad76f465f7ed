"""Periods: which days are closed, and which are current and previous."""


def periods(model_of, units, expected):
    """With periods of 7 days."""
    model_of("periods", {"settings": "period_days\n7", "kpi_units": units}, expected)


def test_the_current_period_ends_with_the_last_closed_day_before_the_first_open_one(model_of):
    """A unit of 21 May is immature: 20 May is the last closed day."""
    periods(
        model_of,
        """
        entered_on | is_mature
        -----------+----------
        05-01      | yes
        05-20      | yes
        05-21      | yes
        05-21      | no
        05-22      | no
    """,
        """
        measure        | period   | first_on | last_on | closed_on
        ---------------+----------+----------+---------+----------
        kpi:csat_score | all      | 05-01    | 05-22   | 05-20
        kpi:csat_score | current  | 05-14    | 05-20   | 05-20
        kpi:csat_score | previous | 05-07    | 05-13   | 05-20
    """,
    )


def test_where_nothing_is_immature_the_last_day_is_closed(model_of):
    periods(
        model_of,
        "entered_on | is_mature\n05-01 | yes\n05-20 | yes",
        """
        period   | first_on | last_on | closed_on
        ---------+----------+---------+----------
        all      | 05-01    | 05-20   | 05-20
        current  | 05-14    | 05-20   | 05-20
        previous | 05-07    | 05-13   | 05-20
    """,
    )


def test_a_day_that_is_not_over_is_open(model_of):
    """The sources are complete to the middle of 20 May: whoever comes on its evening is not late."""
    model_of(
        "periods",
        {
            "settings": "period_days\n7",
            "kpi_targets": "kpi | as_of | over_on\ncsat_score | 05-20 12:00 | 05-19",
            "kpi_units": "entered_on | is_mature\n05-01 | yes\n05-20 | yes",
        },
        """
        period   | first_on | last_on | closed_on
        ---------+----------+---------+----------
        all      | 05-01    | 05-20   | 05-19
        current  | 05-13    | 05-19   | 05-19
        previous | 05-06    | 05-12   | 05-19
    """,
    )


def test_each_journey_and_each_kpi_has_periods_of_its_own(model_of):
    model_of(
        "periods",
        {
            "kpi_units": "entered_on | is_mature\n05-20 | yes",
            "journey_definitions": "journey\npurchase\nsupport",
            "journey_outcomes": "journey | started_on | is_mature\npurchase | 05-10 | no\nsupport | 05-09 | yes",
        },
        """
        measure          | period   | last_on
        -----------------+----------+--------
        kpi:csat_score   | all      | 05-20
        kpi:csat_score   | current  | 05-20
        kpi:csat_score   | previous | 04-22
        journey:purchase | all      | 05-10
        journey:purchase | current  | 05-09
        journey:purchase | previous | 04-11
        journey:support  | all      | 05-09
        journey:support  | current  | 05-09
        journey:support  | previous | 04-11
    """,
    )


def test_a_unit_counts_in_its_day_its_week_each_period_it_was_entered_in_and_in_its_persona_and_in_all(model_of):
    """14 May 2024 is a Tuesday; weeks begin on Mondays. A unit of nobody is a cluster of its own."""
    model_of(
        "kpi_clusters",
        {
            "periods": "period | first_on | last_on\nall | 05-01 | 05-20\ncurrent | 05-14 | 05-20\nprevious | 05-07 | 05-13",
            "kpi_units": """
        unit_id | persona | person_id | entered_on | value | is_mature
        --------+---------+-----------+------------+-------+----------
        a       | new     | ann       | 05-14      | 1     | yes
        b       | new     |           | 05-13      | 1     | yes
        c       | loyal   | ann       | 05-14      | 0     | yes
        d       | new     | ann       | 05-14      | 1     | no
    """,
        },
        """
        cluster | person_id | persona | period   | day   | n | x
        --------+-----------+---------+----------+-------+---+--
        ann     | ann       | new     | all      |       | 1 | 1
        ann     | ann       | new     | current  |       | 1 | 1
        ann     | ann       | new     | day      | 05-14 | 1 | 1
        ann     | ann       | new     | week     | 05-13 | 1 | 1
        ann     | ann       | loyal   | all      |       | 1 | 0
        ann     | ann       | loyal   | current  |       | 1 | 0
        ann     | ann       | loyal   | day      | 05-14 | 1 | 0
        ann     | ann       | loyal   | week     | 05-13 | 1 | 0
        ann     | ann       | (all)   | all      |       | 2 | 1
        ann     | ann       | (all)   | current  |       | 2 | 1
        ann     | ann       | (all)   | day      | 05-14 | 2 | 1
        ann     | ann       | (all)   | week     | 05-13 | 2 | 1
        b       |           | new     | all      |       | 1 | 1
        b       |           | new     | previous |       | 1 | 1
        b       |           | new     | day      | 05-13 | 1 | 1
        b       |           | new     | week     | 05-13 | 1 | 1
        b       |           | (all)   | all      |       | 1 | 1
        b       |           | (all)   | previous |       | 1 | 1
        b       |           | (all)   | day      | 05-13 | 1 | 1
        b       |           | (all)   | week     | 05-13 | 1 | 1
    """,
    )
