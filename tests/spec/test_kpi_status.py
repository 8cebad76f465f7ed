"""kpi_status and kpi_daily: every KPI against its target, and day by day."""

TARGETS = """
    kpi                   | statistic | direction | target | missing_roles
    ----------------------+-----------+-----------+--------+--------------
    csat_score            | rate      | higher    | 0.8    |
    cart_abandonment_rate | rate      | lower     | 0.7    |
    login_success_rate    | rate      | higher    |        |
    contact_rate          | rate      | lower     | 0.1    | ticket_opened
    first_response_hours  | median    | lower     | 4      |
"""
EVERYONE = "persona | position\n(all) | 0"


def status(model_of, estimates, expected, **tables):
    model_of(
        "kpi_status",
        {"kpi_targets": TARGETS, "personas": EVERYONE, "kpi_estimates": estimates, "kpi_units": [], **tables},
        expected,
    )


def test_a_target_is_met_when_it_is_reached_exactly(model_of):
    """Satisfaction shall be 0.8 or more, abandonment 0.7 or less. What nothing measures is not measured, never 0."""
    status(
        model_of,
        """
        kpi                   | period   | value | n_units
        ----------------------+----------+-------+--------
        csat_score            | current  | 0.8   | 10
        csat_score            | previous | 0.799 | 9
        cart_abandonment_rate | current  | 0.7   | 8
        cart_abandonment_rate | previous | 0.701 | 7
        login_success_rate    | current  | 0.9   | 6
    """,
        """
        kpi                   | period   | value | n_units | status
        ----------------------+----------+-------+---------+-------------
        csat_score            | current  | 0.8   | 10      | met
        csat_score            | previous | 0.799 | 9       | missed
        csat_score            | all      |       | 0       | not measured
        cart_abandonment_rate | current  | 0.7   | 8       | met
        cart_abandonment_rate | previous | 0.701 | 7       | missed
        cart_abandonment_rate | all      |       | 0       | not measured
        login_success_rate    | current  | 0.9   | 6       | no target
        login_success_rate    | previous |       | 0       | not measured
        login_success_rate    | all      |       | 0       | not measured
        contact_rate          | current  |       | 0       | not measured
        contact_rate          | previous |       | 0       | not measured
        contact_rate          | all      |       | 0       | not measured
        first_response_hours  | current  |       | 0       | not measured
        first_response_hours  | previous |       | 0       | not measured
        first_response_hours  | all      |       | 0       | not measured
    """,
    )


def test_a_median_that_is_certainly_beyond_what_was_observed_is_certainly_missed(model_of):
    """Nobody has answered 50 tickets; of 7 it might have been chance."""
    status(
        model_of,
        """
        kpi                  | period   | value | n_units | is_beyond
        ---------------------+----------+-------+---------+----------
        first_response_hours | current  |       | 50      | yes
        first_response_hours | previous |       | 7       | no
    """,
        """
        kpi                  | period   | status       | is_certain
        ---------------------+----------+--------------+-----------
        first_response_hours | current  | missed       | yes
        first_response_hours | previous | missed       | no
        first_response_hours | all      | not measured | no
    """,
        kpi_targets="kpi | statistic | direction | target\nfirst_response_hours | median | lower | 4",
    )


ONE = {"kpi_targets": "kpi | statistic | direction | target\ncsat_score | rate | higher | 0.8"}


def test_it_is_certain_when_the_interval_lies_on_one_side_of_the_target(model_of):
    status(
        model_of,
        """
        period   | value | low  | high
        ---------+-------+------+-----
        current  | 0.9   | 0.81 | 0.95
        previous | 0.9   | 0.79 | 0.95
        all      | 0.9   |      |
    """,
        """
        period   | status | is_certain
        ---------+--------+-----------
        current  | met    | yes
        previous | met    | no
        all      | met    | no
    """,
        **ONE,
    )


def test_immature_units_are_counted_beside_the_value(model_of):
    status(
        model_of,
        "period | value | n_units\nall | 0.9 | 1",
        """
        period   | n_units | n_immature
        ---------+---------+-----------
        current  | 0       | 2
        previous | 0       | 2
        all      | 1       | 2
    """,
        **ONE,
        kpi_units="""
        unit_id | entered_on | is_mature
        --------+------------+----------
        a       | 05-01      | no
        b       | 05-02      | no
        c       | 05-01      | yes
    """,
    )


def test_where_most_tickets_had_no_answer_in_time_the_target_is_missed_not_unmeasured(model_of):
    """The median of such tickets is longer than any: without a number, and above every target."""
    model_of(
        "kpi_status",
        {
            "personas": EVERYONE,
            "kpi_targets": "kpi | statistic | direction | target\nfirst_response_hours | median | lower | 4",
            "periods": "measure | period | first_on | last_on\nkpi:first_response_hours | all | 05-01 | 05-01",
            "kpi_units": """
            kpi                  | unit_id | person_id | value | entered_on
            ---------------------+---------+-----------+-------+-----------
            first_response_hours | 1       | ann       | 1     | 05-01
            first_response_hours | 2       | bob       |       | 05-01
            first_response_hours | 3       | cid       |       | 05-01
        """,
        },
        """
        period   | value | n_units | status
        ---------+-------+---------+-------------
        all      |       | 3       | missed
        current  |       | 0       | not measured
        previous |       | 0       | not measured
    """,
    )


def test_a_day_is_closed_before_the_first_day_with_an_immature_unit(model_of):
    """2 May has an immature unit: its figure, of the mature ones, may still change. 3 May has no mature unit at all."""
    model_of(
        "kpi_daily",
        {
            "kpi_targets": "kpi | statistic\ncsat_score | rate",
            "kpi_units": """
        unit_id | person_id | entered_on | value | is_mature
        --------+-----------+------------+-------+----------
        a       | ann       | 05-01      | 1     | yes
        b       | bob       | 05-01      | 0     | yes
        c       | ann       | 05-02      | 1     | yes
        d       | bob       | 05-02      | 0     | no
        e       | cid       | 05-03      | 0     | no
    """,
        },
        """
        day   | persona | value | n_units | n_people | is_closed
        ------+---------+-------+---------+----------+----------
        05-01 | (all)   | 1 / 2 | 2       | 2        | yes
        05-01 | other   | 1 / 2 | 2       | 2        | yes
        05-02 | (all)   | 1     | 1       | 1        | no
        05-02 | other   | 1     | 1       | 1        | no
    """,
    )


def test_a_frozen_day_stands_as_it_was_published(model_of):
    """Of 1 May nothing is left, of 2 May a part; both are frozen. The frozen figures of a KPI that is no more stay aside."""
    model_of(
        "kpi_daily",
        {
            "kpi_targets": "kpi | statistic\ncsat_score | rate",
            "personas": "persona\n(all)\nother",
            "kpi_units": """
        unit_id | person_id | entered_on | value | is_mature
        --------+-----------+------------+-------+----------
        b       | bob       | 05-02      | 0     | yes
        c       | ann       | 05-03      | 1     | yes
    """,
            "frozen_kpis": """
        kpi        | day   | persona | value | n_units | n_people
        -----------+-------+---------+-------+---------+---------
        csat_score | 05-01 | (all)   | 1 / 4 | 4       | 3
        csat_score | 05-02 | (all)   | 1 / 2 | 2       | 2
        csat_mean  | 05-01 | (all)   | 3     | 4       | 3
    """,
        },
        """
        day   | persona | value | n_units | n_people | is_closed | is_frozen
        ------+---------+-------+---------+----------+-----------+----------
        05-01 | (all)   | 1 / 4 | 4       | 3        | yes       | yes
        05-02 | (all)   | 1 / 2 | 2       | 2        | yes       | yes
        05-03 | (all)   | 1     | 1       | 1        | yes       | no
        05-03 | other   | 1     | 1       | 1        | yes       | no
    """,
    )


def test_all_is_computed_over_everyone_and_personas_partition_it(model_of):
    """1 of 1 and 0 of 3: together 1 of 4, not the mean of the two rates."""
    model_of(
        "kpi_status",
        {
            "personas": "persona | position\n(all) | 0\nnew | 1\nother | 2",
            "kpi_targets": "kpi | statistic\ncsat_score | rate",
            "kpi_units": """
            unit_id | person_id | persona | entered_on | value
            --------+-----------+---------+------------+------
            a       | ann       | new     | 05-01      | 1
            b       | bob       | other   | 05-01      | 0
            c       | bob       | other   | 05-01      | 0
            d       | cid       | other   | 05-01      | 0
        """,
        },
        """
        persona | period   | value | n_units | n_people
        --------+----------+-------+---------+---------
        (all)   | all      | 1 / 4 | 4       | 3
        (all)   | current  | 1 / 4 | 4       | 3
        (all)   | previous |       | 0       | 0
        new     | all      | 1     | 1       | 1
        new     | current  | 1     | 1       | 1
        new     | previous |       | 0       | 0
        other   | all      | 0     | 3       | 2
        other   | current  | 0     | 3       | 2
        other   | previous |       | 0       | 0
    """,
    )


def test_a_week_begins_on_monday_and_is_closed_when_its_sunday_is(model_of):
    """Wednesday 15 May has an immature unit: the week of Monday 13 May is not closed, that of 6 May is."""
    model_of(
        "kpi_weekly",
        {
            "kpi_targets": "kpi | statistic\ncsat_score | rate",
            "kpi_units": """
        unit_id | person_id | entered_on | value | is_mature
        --------+-----------+------------+-------+----------
        a       | ann       | 05-06      | 1     | yes
        b       | bob       | 05-12      | 0     | yes
        c       | ann       | 05-13      | 1     | yes
        d       | bob       | 05-15      | 0     | no
    """,
        },
        """
        week_on | persona | value | n_units | is_closed
        --------+---------+-------+---------+----------
        05-06   | (all)   | 1 / 2 | 2       | yes
        05-06   | other   | 1 / 2 | 2       | yes
        05-13   | (all)   | 1     | 1       | no
        05-13   | other   | 1     | 1       | no
    """,
    )
