"""Days, weeks and months as people in one time zone count them, through every change of the clocks; and instants."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pandas as pd

from journey_mining.errors import ArgumentError, unknown_name

Period: TypeAlias = Literal["day", "week", "month"]
DAY = timedelta(days=1)


def local_days(first: datetime, last: datetime, zone: str, period: Period) -> pd.DataFrame:
    """Return the local days of all periods that `first` to `last` (UTC) fall into.

    One row per local day: day_no, period_no (both count up by 1), period_on (the local day on which the period begins;
    weeks begin on Monday), starts_at, ends_at (UTC, the end is excluded). A day begins with its first midnight, or at
    the end of an hour that is left out there; a day that is left out altogether is no row.

    >>> days = local_days(datetime(2024, 3, 30, 12), datetime(2024, 3, 31, 12), "Europe/Berlin", "day")
    >>> (days["ends_at"] - days["starts_at"]).tolist()
    [Timedelta('1 days 00:00:00'), Timedelta('0 days 23:00:00')]
    """
    place = zone_of(zone)
    require_period(period)
    if last.year >= 9000:
        raise ArgumentError(f"as_of: {last} is too late for a calendar; say up to when steps are known")
    first_on, last_on = (instant.replace(tzinfo=UTC).astimezone(place).date() for instant in (first, last))
    _, day = _period_of(first_on, period)
    last_no, _ = _period_of(last_on, period)
    days = []
    while _period_of(day, period)[0] <= last_no:
        days.append((day.toordinal(), *_period_of(day, period), _starts_at(day, place), _starts_at(day + DAY, place)))
        day += DAY
    table = pd.DataFrame(days, columns=["day_no", "period_no", "period_on", "starts_at", "ends_at"])
    return table[table["starts_at"] < table["ends_at"]]


def instant(given: str | date, zone: str, what: str = "at") -> datetime:
    """Return an instant in UTC: a day begins in its zone, a time is in UTC unless it says another zone itself.

    >>> instant("2024-05-01", "Europe/Berlin"), instant("2024-05-01 09:00", "Europe/Berlin")
    (datetime.datetime(2024, 4, 30, 22, 0), datetime.datetime(2024, 5, 1, 9, 0))
    >>> instant("2024-05-01T09:00+02:00", "UTC")
    datetime.datetime(2024, 5, 1, 7, 0)
    """
    found = _read(given) if isinstance(given, str) else given
    if not isinstance(found, date) or found != found:
        raise ArgumentError(
            f"{what}: {given!r} is no instant; give a date, a datetime, or one of them as text, such as '2024-05-01 09:00'"
        )
    if not isinstance(found, datetime):
        return _starts_at(found, zone_of(zone))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _read(text: str) -> date | None:
    """Return a text of ISO 8601 as a date or a datetime, or nothing where it is neither."""
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text.strip())
        except ValueError:
            continue
    return None


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


def require_period(period: str, known: tuple[str, ...] = ("day", "week", "month")) -> None:
    """Raise `ArgumentError` for what is no period."""
    if period not in known:
        raise ArgumentError(f"period: {unknown_name('period', period, known)}")


def _starts_at(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), place).astimezone(UTC).replace(tzinfo=None)


def _period_of(day: date, period: Period) -> tuple[int, date]:
    """Return the number of a day's period, which counts up by 1, and the day it begins on."""
    match period:
        case "day":
            return day.toordinal(), day
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday.toordinal() // 7, monday
    return day.year * 12 + day.month, day.replace(day=1)
