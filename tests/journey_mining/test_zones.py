"""One zone for all that counts days: that of the workspace, of the log, or the one asked for."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journey_mining as jm
from tests.examples import examples
from tests.journey_mining.published_workspace import publish

COLUMNS = {"person": "who", "event": "what", "time": "at"}


def events(*instants: datetime) -> pd.DataFrame:
    """Somebody new who puts something into the cart at each instant (UTC)."""
    return pd.DataFrame({"who": [f"p{n}" for n in range(len(instants))], "what": "cart", "at": list(instants)})


def first_days(log: jm.Log, name: str, zone: str | None = None) -> list[str]:
    """The first day that each analysis tells, or the week it is in."""
    days = [
        log.funnel_trend([name, "pay"], zone=zone).table["entered_on"].min(),
        log.retention(zone=zone).table["cohort"].max(),
        log.lifecycle("day", zone=zone).table["period_on"].min(),
        log.stickiness("month", zone=zone).table["period"].max(),
    ]
    return [str(pd.Timestamp(day).date()) for day in days]


def test_every_calendar_is_that_of_the_workspace(tmp_path):
    """20:00 UTC on 1 May is 01:30 on 2 May in Kolkata; bob comes on the 2nd there and here."""
    log = jm.open(publish(tmp_path))
    assert log.zone == "Asia/Kolkata"
    assert first_days(log, "look") == ["2024-05-02", "2024-05-02", "2024-05-02", "2024-05-01"]
    assert first_days(log.filter("stage = 'look'"), "look", "UTC")[0] == "2024-05-01"


def test_every_calendar_is_that_of_the_log_or_the_one_asked_for():
    frame = events(datetime(2024, 4, 30, 20))
    for log, zone in (
        (jm.from_pandas(frame, **COLUMNS, zone="Asia/Kolkata"), None),
        (jm.from_pandas(frame, **COLUMNS), "Asia/Kolkata"),
    ):
        assert first_days(log, "cart", zone) == ["2024-05-01"] * 4
    assert first_days(jm.from_pandas(frame, **COLUMNS), "cart") == ["2024-04-30"] * 3 + ["2024-04-01"]


def test_a_zone_that_is_none_is_refused_when_the_log_is_made():
    with pytest.raises(jm.ArgumentError, match="no time zone 'Europe/Berlyn'; did you mean 'Europe/Berlin'"):
        jm.from_pandas(events(datetime(2024, 5, 1)), **COLUMNS, zone="Europe/Berlyn")


HOURS = st.integers(0, 24 * 6).map(lambda hours: datetime(2024, 3, 28) + timedelta(hours=hours))


@examples(25)
@given(
    st.lists(HOURS, min_size=1, max_size=8), st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
)
def test_a_trend_counts_entries_on_the_days_that_clocks_there_show(instants, zone):
    """The clocks of Berlin go forward on 31 March: that day has 23 hours."""
    expected = Counter(instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() for instant in instants)
    found = jm.from_pandas(events(*instants), **COLUMNS, zone=zone).funnel_trend(["cart", "pay"]).table
    days = [pd.Timestamp(day).date() for day in found["entered_on"]]
    assert days == [min(expected) + timedelta(days=n) for n in range(len(days))]
    assert {day: n for day, n in zip(days, found["n_entries"], strict=True) if n} == expected


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("UTC", date(2024, 5, 2)),
        ("UTC", "2024-05-02"),
        ("Asia/Kolkata", "2024-05-02 00:00"),
        ("Asia/Kolkata", datetime(2024, 5, 2)),
        ("Asia/Kolkata", "2024-05-02T05:30+05:30"),
        ("UTC", pd.Timestamp("2024-05-02")),
    ],
)
def test_a_date_begins_in_the_zone_and_a_time_is_in_utc_unless_it_says_another(zone, at):
    """People come at 19:00 and 23:59 on 1 May, and at 00:00 on 2 May."""
    frame = events(datetime(2024, 5, 1, 19), datetime(2024, 5, 1, 23, 59), datetime(2024, 5, 2))
    log = jm.from_pandas(frame, **COLUMNS, zone=zone)
    assert log.before_and_after(at, metrics=["reach"]).table[["n_a", "n_b"]].to_numpy().tolist() == [[1, 2]]
    assert log.before_and_after(date(2024, 5, 2), ["reach"], zone="Asia/Kolkata").table["n_a"].tolist() == [3]
    assert log.before_and_after("2024-05-02", ["reach"], zone="Asia/Kolkata").table["n_a"].tolist() == [3]


@pytest.mark.parametrize("at", ["yesterday", 20240502, None, pd.NaT, "2024-13-01"])
def test_what_is_no_instant_is_refused(at):
    log = jm.from_pandas(events(datetime(2024, 5, 1)), **COLUMNS)
    with pytest.raises(jm.ArgumentError, match=r"at: .* is no instant; give a date, a datetime"):
        log.before_and_after(at, ["reach"])


def test_up_to_when_steps_are_known_is_an_instant_too():
    frame = events(datetime(2024, 5, 1, 9))
    for as_of in ("2024-05-01 10:00", "2024-05-01T12:00+02:00", datetime(2024, 5, 1, 10, tzinfo=UTC)):
        assert jm.from_pandas(frame, **COLUMNS, as_of=as_of).funnel(["cart", "pay"], "1h").table["n_open"].tolist() == [
            0,
            0,
        ]
        assert (
            jm.from_pandas(frame, **COLUMNS).funnel(["cart", "pay"], "2h", as_of=as_of).table["n_open"].tolist()[0] == 1
        )
