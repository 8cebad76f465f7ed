"""Days, weeks and months as people in one time zone count them, through every change of the clocks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pandas as pd

from journey_mining.errors import ArgumentError, unknown_name

Period: TypeAlias = Literal["day", "week", "month"]
QUARTER = timedelta(minutes=15)
"""No zone has begun a day within a quarter of an hour since the zones of today were agreed on."""
LONGEST = timedelta(days=33)
"""Longer than any period."""


def local_days(first: datetime, last: datetime, zone: str, period: Period) -> pd.DataFrame:
    """Return the local days of all periods that `first` to `last` (UTC) fall into.

    One row per stretch of one local day: day_no, period_no (both count up by 1), period_on (the local day on which the
    period begins; weeks begin on Monday), starts_at, ends_at (UTC, the end is excluded). A day is one stretch, save
    where clocks went back over midnight.

    >>> days = local_days(datetime(2024, 3, 30, 12), datetime(2024, 3, 31, 12), "Europe/Berlin", "day")
    >>> (days["ends_at"] - days["starts_at"]).tolist()
    [Timedelta('1 days 00:00:00'), Timedelta('0 days 23:00:00')]
    """
    place = zone_of(zone)
    known_period(period)
    quarters = list(_quarters(first - LONGEST, last + LONGEST))
    local = [quarter.replace(tzinfo=UTC).astimezone(place).date() for quarter in quarters]
    stretches = []
    for day, places in groupby(range(len(local)), key=local.__getitem__):
        found = list(places)
        starts_at, ends_at = quarters[found[0]], quarters[found[-1]] + QUARTER
        number, begins_on = _period_of(day, period)
        stretches.append((day.toordinal(), number, begins_on, starts_at, ends_at))
    table = pd.DataFrame(stretches, columns=["day_no", "period_no", "period_on", "starts_at", "ends_at"])
    there = table[(table["ends_at"] > first) & (table["starts_at"] <= last)]["period_no"]
    return table[table["period_no"].between(there.min(), there.max())].reset_index(drop=True)


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    >>> zone_of("Europe/Berlyn")
    Traceback (most recent call last):
    journey_mining.errors.ArgumentError: zone: no time zone 'Europe/Berlyn'; did you mean 'Europe/Berlin'?
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        told = unknown_name("time zone", name, available_timezones()).split(" There are")[0]
        raise ArgumentError(f"zone: {told}") from error


def known_period(period: str, known: tuple[str, ...] = ("day", "week", "month")) -> None:
    """Raise `ArgumentError` for what is no period."""
    if period not in known:
        raise ArgumentError(f"period: {unknown_name('period', period, known)}")


def _quarters(first: datetime, last: datetime) -> Iterator[datetime]:
    quarter = first.replace(minute=0, second=0, microsecond=0)
    while quarter < last:
        yield quarter
        quarter += QUARTER


def _period_of(day: date, period: Period) -> tuple[int, date]:
    """Return the number of a day's period, which counts up by 1, and the day it begins on."""
    match period:
        case "day":
            return day.toordinal(), day
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday.toordinal() // 7, monday
    return day.year * 12 + day.month, day.replace(day=1)
