"""Retention, lifecycle and stickiness: what counts as back, whole days of a zone, and what is not over yet."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import journey_mining as jm
from journey_mining.calendar import local_days
from journey_mining.cohorts.lifecycle_figure import lifecycle_figure
from journey_mining.cohorts.retention_figure import retention_figure
from journey_mining.cohorts.stickiness_figure import stickiness_figure
from tests.examples import examples
from tests.journey_mining import reference_cohorts as reference
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.test_agreement_with_reference import assert_same, rows_of

some = examples(15)
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "America/Havana", "Africa/Cairo"]


def visits(text: str) -> pd.DataFrame:
    """Steps of journeys of their own."""
    return steps_of(text).assign(journey_id=lambda table: [f"j{number}" for number in range(len(table))], step_number=1)


TWO_WEEKS = visits(
    """
    person_id | occurred_at      | stage  | journey_id
    ann       | 2024-05-06 09:00 | sign   |
    ann       | 2024-05-06 18:00 | read   |
    bob       | 2024-05-06 10:00 | read   |
    bob       | 2024-05-06 11:00 | sign   |
    ann       | 2024-05-07 08:00 | read   |
    cid       | 2024-05-07 09:00 | sign   |
    bob       | 2024-05-08 12:00 | read   |
    cid       | 2024-05-09 08:59 | read   |
    """
)


def test_back_on_a_day_is_a_step_not_earlier_than_the_entry():
    """Bob read before he signed up: on his first day he is not back."""
    assert_shows(
        jm.retention(TWO_WEEKS, "sign", "read"),
        """
        cohort     | offset | n_cohorts | n_people | n_back | rate  | is_finished
        (all)      | 0      | 2         | 3        | 1      | 1 / 3 | True
        (all)      | 1      | 2         | 3        | 1      | 1 / 3 | True
        (all)      | 2      | 1         | 2        | 1      | 1 / 2 | True
        2024-05-06 | 0      | 1         | 2        | 1      | 1 / 2 | True
        2024-05-06 | 1      | 1         | 2        | 1      | 1 / 2 | True
        2024-05-06 | 2      | 1         | 2        | 1      | 1 / 2 | True
        2024-05-06 | 3      | 1         | 2        | 0      | 0     | False
        2024-05-07 | 0      | 1         | 1        | 0      | 0     | True
        2024-05-07 | 1      | 1         | 1        | 0      | 0     | True
        2024-05-07 | 2      | 1         | 1        | 1      | 1     | False
        """,
    )


def test_24_hours_count_from_the_entry():
    """Ann is back 23 hours after she signed up, Bob after 49, Cid after 47 h 59."""
    assert_shows(
        jm.retention(TWO_WEEKS, "sign", "read", clock="24h").query("cohort != '(all)' and n_back > 0"),
        """
        cohort     | offset | n_people | n_back
        2024-05-06 | 0      | 2        | 1
        2024-05-06 | 2      | 2        | 1
        2024-05-07 | 1      | 1        | 1
        """,
    )


def test_24_hours_are_over_when_they_are_for_whoever_could_enter_last():
    """The cohort of 6 May can be entered until midnight: its second 24 hours end at midnight of 8 May."""
    found = jm.retention(TWO_WEEKS, "sign", "read", clock="24h").query("cohort == '2024-05-06'")
    assert found.set_index("offset")["is_finished"].to_dict() == {0: True, 1: True, 2: False, 3: False}


def test_on_or_after_counts_who_comes_back_then_or_later():
    found = jm.retention(TWO_WEEKS, "sign", "read", when="on_or_after").query("cohort == '2024-05-06'")
    assert found["n_back"].tolist() == [2, 2, 1, 0]


def test_the_average_is_over_the_cohorts_that_have_reached_the_offset():
    """Cohorts of 10, 20 and 30 people on three days; the third has not finished its second day.

    On day 1 are back: 5 of 10, 5 of 20; 15 of 30 that could be more. The average is (5 + 5) / (10 + 20).
    """
    rows = []
    for day, size, n_back in ((6, 10, 5), (7, 20, 5), (8, 30, 15)):
        rows += [(f"p{day}/{person}", datetime(2024, 5, day, 9)) for person in range(size)]
        rows += [(f"p{day}/{person}", datetime(2024, 5, day + 1, 9)) for person in range(n_back)]
    events = pd.DataFrame(rows, columns=["who", "at"]).assign(what="visit")
    log = jm.from_pandas(events, person="who", event="what", time="at", as_of=datetime(2024, 5, 9, 12))
    table = log.retention().table.query("offset == 1").set_index("cohort")
    assert table["is_finished"].to_dict() == {
        "(all)": True, "2024-05-06": True, "2024-05-07": True, "2024-05-08": False
    }  # fmt: skip
    assert table.loc["(all)", ["n_cohorts", "n_people", "n_back", "rate"]].tolist() == [2, 30, 10, 10 / 30]


def test_a_person_who_crosses_the_night_when_clocks_change_is_back_the_next_day():
    """In Berlin the night to 31 March 2024 has 23 hours: from 23:30 to 22:30 the next evening are 22 hours.

    In UTC both are on other days, 22:30 on the 30th and 20:30 on the 31st. The night to 27 October has 25 hours: from
    00:30 to 23:45 on that day are 24 hours and a quarter, and still no day later.
    """
    spring = visits(
        "person_id | occurred_at | stage | journey_id\nann | 2024-03-30 22:30 | a |\nann | 2024-03-31 20:30 | a |"
    )
    autumn = visits(
        "person_id | occurred_at | stage | journey_id\nann | 2024-10-26 22:30 | a |\nann | 2024-10-27 22:45 | a |"
    )

    def offsets(steps, clock):
        found = jm.retention(steps, zone="Europe/Berlin", clock=clock)
        return found.query("n_back > 0 and cohort != '(all)'")["offset"].tolist()

    assert (offsets(spring, "calendar"), offsets(spring, "24h")) == ([0, 1], [0])
    assert (offsets(autumn, "calendar"), offsets(autumn, "24h")) == ([0], [0, 1])


def test_a_day_east_of_greenwich_is_that_of_the_people_there():
    """01:00 on 2 May in Shanghai is still 1 May in UTC."""
    steps = visits("person_id | occurred_at | stage | journey_id\nann | 2024-05-01 17:00 | a |")
    assert jm.retention(steps, zone="Asia/Shanghai")["cohort"].tolist() == ["2024-05-02"]
    assert jm.lifecycle(steps, "day", zone="Asia/Shanghai")["period_on"].tolist() == [pd.Timestamp("2024-05-02")]


def test_a_week_with_a_change_of_clocks_has_seven_days():
    days = local_days(datetime(2024, 3, 27), datetime(2024, 3, 27), "Europe/Berlin", "week")
    assert len(days) == 7
    assert days["ends_at"].max() - days["starts_at"].min() == timedelta(hours=7 * 24 - 1)


def test_lifecycle_tells_the_new_the_returning_the_resurrected_and_the_dormant_apart():
    """Weeks of 6, 13, 20 and 27 May: ann 1 1 0 1, bob 1 0 0 0, cid 0 1 1 1; the last week is not over."""
    steps = visits(
        """
        person_id | occurred_at | stage | journey_id
        ann       | 2024-05-07  | a     |
        bob       | 2024-05-12  | a     |
        ann       | 2024-05-13  | a     |
        cid       | 2024-05-14  | a     |
        cid       | 2024-05-20  | a     |
        cid       | 2024-05-28  | a     |
        ann       | 2024-05-29  | a     |
        """
    )
    found = jm.lifecycle(steps, "week")
    assert found["period_on"].dt.day.tolist() == [6, 13, 20, 27]
    assert_shows(
        found,
        """
        n_people | n_new | n_returning | n_resurrected | n_dormant | is_finished
        2        | 2     | 0           | 0             | 0         | True
        2        | 1     | 1           | 0             | 1         | True
        1        | 0     | 1           | 0             | 1         | True
        2        | 0     | 1           | 1             | 0         | False
        """,
    )


def test_stickiness_counts_days_and_leaves_weeks_out_that_the_log_does_not_hold_whole():
    """The log begins on Wednesday 1 May. The whole week of 6 May: ann on 3 days, bob on 1."""
    steps = visits(
        """
        person_id | occurred_at      | stage | journey_id
        ann       | 2024-05-01       | a     |
        ann       | 2024-05-06 08:00 | a     |
        ann       | 2024-05-06 09:00 | a     |
        bob       | 2024-05-07       | a     |
        ann       | 2024-05-08       | a     |
        ann       | 2024-05-12       | a     |
        bob       | 2024-05-13       | a     |
        """
    )
    assert_shows(
        jm.stickiness(steps).query("n_people > 0"),
        """
        period     | n_days | n_people | n_active | share | is_finished
        (all)      | 1      | 1        | 2        | 1 / 2 | True
        (all)      | 3      | 1        | 2        | 1 / 2 | True
        2024-04-29 | 1      | 1        | 1        | 1     | False
        2024-05-06 | 1      | 1        | 2        | 1 / 2 | True
        2024-05-06 | 3      | 1        | 2        | 1 / 2 | True
        2024-05-13 | 1      | 1        | 1        | 1     | False
        """,
    )


@st.composite
def lives(draw):
    """Steps of three people and of nobody, around two changes of the clocks."""
    origin = draw(st.sampled_from([datetime(2024, 3, 8), datetime(2024, 10, 25, 21), datetime(2024, 4, 25, 20)]))
    hours = st.sampled_from([0, 0.25, 1, 5, 23, 24, 25, 47, 24 * 6, 24 * 7, 24 * 8, 24 * 31])
    rows, instant = [], origin
    for number in range(draw(st.integers(1, 14))):
        instant += timedelta(hours=draw(hours))
        rows.append(
            (f"j{number}", draw(st.sampled_from(["ann", "bob", "cid", None])), 1, instant, draw(st.sampled_from("AB")))
        )
    return pd.DataFrame(rows, columns=["journey_id", "person_id", "step_number", "occurred_at", "stage"])


names = st.sampled_from([None, ["A"], ["A", "B"]])
zones, periods = st.sampled_from(ZONES), st.sampled_from(["day", "week", "month"])


@some
@given(lives(), names, names, periods, st.sampled_from(["on", "on_or_after"]), st.sampled_from(["calendar", "24h"]),
       st.sampled_from(["first_time", "recurring"]), zones, st.sampled_from([0, 3, 8]))  # fmt: skip
def test_retention_agrees(steps, start, back, period, when, clock, cohorts, zone, offsets):
    start, back = _there(start, steps), _there(back, steps)
    clock = "calendar" if period == "month" else clock
    arguments = (start, back, period, when, clock, cohorts, zone, offsets)
    found = jm.retention(steps, *arguments)
    assert_same(rows_of(found, 2), reference.retention(steps.to_dict("records"), *arguments))
    if when == "on_or_after":
        assert (found[found["cohort"] != "(all)"].groupby("cohort")["n_back"].diff().dropna() <= 0).all()


@some
@given(lives(), names, periods, zones)
def test_lifecycle_agrees_and_balances(steps, names, period, zone):
    found = jm.lifecycle(steps, period, _there(names, steps), zone)
    expected = reference.lifecycle(steps.to_dict("records"), period, _there(names, steps), zone)
    assert_same(
        rows_of(found.assign(period_on=found["period_on"].dt.date), 1), {(d,): row for d, row in expected.items()}
    )
    assert (found["n_new"] + found["n_returning"] + found["n_resurrected"] == found["n_people"]).all()
    before = found["n_people"].shift(fill_value=0)
    assert (found["n_returning"] + found["n_dormant"] == before).all()


@some
@given(lives(), names, st.sampled_from(["week", "month"]), zones)
def test_stickiness_agrees_and_its_shares_sum_to_1(steps, names, period, zone):
    found = jm.stickiness(steps, period, _there(names, steps), zone)
    assert_same(rows_of(found, 2), reference.stickiness(steps.to_dict("records"), period, _there(names, steps), zone))
    assert (abs(found.groupby("period")["share"].sum() - 1) < 1e-12).all()


def _there(names, steps):
    """Only the names that steps have; None if there are none."""
    return [name for name in names or () if name in set(steps["stage"])] or None


@examples(60)
@given(st.datetimes(datetime(2012, 1, 1), datetime(2035, 1, 1)), zones)
@example(datetime(2023, 9, 3, 4, 30), "America/Santiago")  # midnight is left out
@example(datetime(2011, 12, 30, 9, 59), "Pacific/Apia")  # the next day is left out
@example(datetime(2011, 12, 30, 10), "Pacific/Apia")
def test_every_instant_is_on_the_local_day_that_clocks_there_show(instant, zone):
    days = local_days(instant, instant, zone, "day")
    here = days[(days["starts_at"] <= instant) & (days["ends_at"] > instant)]
    assert here["period_on"].tolist() == [reference.local_day(instant, zone)]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"start": "sing"}, "start: no stage 'sing'; did you mean 'sign'"),
        ({"back": []}, "back: name at least one step, or None for any"),
        ({"when": "after"}, "when: no way 'after'"),
        ({"clock": "24h", "period": "month"}, "a month is not a number of hours"),
        ({"period": "year"}, "period: no period 'year'"),
        ({"zone": "Europe/Berlyn"}, "did you mean 'Europe/Berlin'"),
        ({"offsets": -1}, "offsets: at least 0"),
    ],
)
def test_a_wrong_argument_is_told(arguments, complaint):
    with pytest.raises(jm.ArgumentError, match=complaint):
        jm.retention(TWO_WEEKS, **arguments)


def test_without_any_step_there_is_nothing_to_tell():
    nothing = TWO_WEEKS.head(0)
    assert [len(jm.retention(nothing)), len(jm.lifecycle(nothing)), len(jm.stickiness(nothing))] == [0, 0, 0]


def test_the_triangle_writes_every_share_and_marks_what_is_not_over():
    table = jm.retention(TWO_WEEKS, "sign", "read")
    figure = retention_figure(table)
    texts = [list(row) for row in figure.data[0].text]
    assert texts == [["33", "33", "50", ""], ["50", "50", "50", "0*"], ["0", "0", "100*", ""]]
    assert list(figure.data[0].y) == ["(all)<br>n = 3", "2024-05-06<br>n = 2", "2024-05-07<br>n = 1"]
    assert [(shape.x0 + 0.46, shape.y0 + 0.42) for shape in figure.layout.shapes] == [(3, 1), (2, 2)]


def test_the_bars_of_the_lifecycle_are_the_counts_with_the_dormant_below():
    table = jm.lifecycle(TWO_WEEKS, "day")
    bars = {bar.name: bar for bar in lifecycle_figure(table).data}
    assert list(bars["new"].y) == table["n_new"].tolist()
    assert list(bars["dormant"].y) == (-table["n_dormant"]).tolist()
    assert list(bars["new"].marker.pattern.shape) == ["", "", "", "/"]


def test_the_bars_of_stickiness_are_those_of_all_whole_weeks():
    table = jm.stickiness(TWO_WEEKS, "week")
    figure = stickiness_figure(table)
    assert figure.layout.title.text == "Days active of 2024-05-06, n = 3"
    assert list(figure.data[0].y) == pytest.approx([0, 1, 0, 0, 0, 0, 0])


def test_a_published_example_gives_the_published_shares():
    """Amplitude's documentation: 6,633 of 9,644 are back on day 3 or later, 68.8 %; of all cohorts that have reached
    day 3, 55,752 of 137,586. A cohort that has not is left out, whoever of it is back.
    """
    days = {1: (9_644, 6_633), 2: (137_586 - 9_644, 55_752 - 6_633), 5: (1_000, 500)}
    parts = []
    for day, (size, n_back) in days.items():
        who = pd.Series([f"{day}/{number}" for number in range(size)])
        later = 4 if day < 5 else 3
        parts += [pd.DataFrame({"who": who, "at": datetime(2024, 5, day, 12)})]
        parts += [pd.DataFrame({"who": who[:n_back], "at": datetime(2024, 5, day + later, 12)})]
    events = pd.concat(parts).assign(what="visit")
    log = jm.from_pandas(events, person="who", event="what", time="at", as_of=datetime(2024, 5, 8, 18))
    table = log.retention(when="on_or_after").table.query("offset == 3").set_index("cohort")
    assert table.loc["2024-05-01", ["n_back", "n_people"]].tolist() == [6_633, 9_644]
    assert round(table.loc["2024-05-01", "rate"], 3) == 0.688
    assert table.loc["(all)", ["n_back", "n_people"]].tolist() == [55_752, 137_586]
    assert not table.loc["2024-05-05", "is_finished"]


def test_the_lifecycle_ends_with_the_period_that_as_of_is_in():
    """What happened on 5 May is not known at noon of 2 May."""
    events = pd.DataFrame(
        [("p", "a", "2024-05-01"), ("q", "a", "2024-05-02"), ("p", "a", "2024-05-05")], columns=["who", "what", "at"]
    )
    log = jm.from_pandas(
        events.assign(at=pd.to_datetime(events["at"])), person="who", event="what", time="at", as_of="2024-05-02 12:00"
    )
    found = log.lifecycle("day").table
    assert found["period_on"].astype(str).tolist() == ["2024-05-01", "2024-05-02"]
    assert found["n_dormant"].tolist() == [0, 1]
