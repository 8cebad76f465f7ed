"""Lengths of time as people write them."""

import re
from datetime import timedelta

from journey_mining.errors import ArgumentError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
WRITTEN = re.compile(r"(?:\d+(?:\.\d+)?[smhdw]\s*)+")


def duration(given: str | timedelta, what: str = "gap") -> timedelta:
    """Return a length of time; a bare number is refused, since nobody can tell its unit.

    >>> duration("30m"), duration("7d"), duration("1h 30m")
    (datetime.timedelta(seconds=1800), datetime.timedelta(days=7), datetime.timedelta(seconds=5400))
    >>> duration("30")
    Traceback (most recent call last):
    journey_mining.errors.ArgumentError: gap: '30' is no length of time; write numbers with units s, m, h, d, w: '30m', '7d'
    """
    if isinstance(given, timedelta):
        if given < timedelta(0):
            raise ArgumentError(f"{what}: a time cannot be negative, as {given} is")
        return given
    if not isinstance(given, str) or not WRITTEN.fullmatch(given.strip()):
        raise ArgumentError(
            f"{what}: {given!r} is no length of time; write numbers with units s, m, h, d, w: '30m', '7d'"
        )
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", given)
    return sum((timedelta(**{UNITS[unit]: float(number)}) for number, unit in parts), timedelta(0))
