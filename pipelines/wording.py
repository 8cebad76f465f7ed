"""How numbers, times and intervals are worded, alike on every page and in the terminal."""

from datetime import date, datetime

WITHHELD = "withheld: about too few people, or beside such"
"""What stands in the place of a figure that may not be told."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Ours, not the machine's locale's."""


def count(number: float) -> str:
    """Write a whole number.

    >>> count(35096)
    '35,096'
    """
    return f"{number:,.0f}"


def counted(number: int, one: str, many: str = "") -> str:
    """Write how many of something there are.

    >>> counted(1, "person", "people"), counted(1200, "journey")
    ('1 person', '1,200 journeys')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def and_people(number: int) -> str:
    """Add how many people stand behind a count; nothing where no person is known.

    >>> and_people(1200), and_people(0)
    (', 1,200 people', '')
    """
    return f", {counted(number, 'person', 'people')}" if number else ""


def percent(share: float | None) -> str:
    """Write a share (0..1): a decimal from 1% on, two below, never 0% or 100% for what is not.

    >>> [percent(share) for share in (0, 0.00002, 0.0073, 0.0128, 0.5064, 0.99999, 1, None)]
    ['0%', '<0.01%', '0.73%', '1.3%', '50.6%', '>99.9%', '100%', 'none']
    """
    if share is None:
        return "none"
    if share in (0, 1):
        return f"{share:.0%}"
    if 0 < abs(share) < 0.0001:
        return "<0.01%" if share > 0 else "\u2212<0.01%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return _minus(f"{share:.2%}" if abs(share) < 0.00995 else f"{share:.1%}")


def duration(seconds: float | None) -> str:
    """Write a length of time (seconds) as people say it; with minutes up to two days, so that differences add up.

    >>> [duration(seconds) for seconds in (0, 0.4, 12, 283.5, 1890, 3 * 3600 + 300, 14.48 * 3600, 4.25 * 86400, 40 * 86400, None)]
    ['0 s', '<1 s', '12 s', '4 min 44 s', '32 min', '3 h 5 min', '14 h 29 min', '4.2 days', '40 days', 'none']
    """
    if seconds is None:
        return "none"
    if seconds < 0:
        return f"\u2212{duration(-seconds)}"
    if 0 < seconds < 1:
        return "<1 s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return _two(round(seconds), 60, "min", "s")
    if seconds < 3570:
        return f"{seconds / 60:.0f} min"
    if seconds < 2 * 86400:
        return _two(round(seconds / 60), 60, "h", "min")
    days = seconds / 86400
    return f"{days:.1f} days" if days < 9.95 else f"{days:.0f} days"


def _two(amount: int, base: int, large: str, small: str) -> str:
    whole, rest = divmod(amount, base)
    return f"{whole} {large} {rest} {small}" if rest else f"{whole} {large}"


def points(number: float | None) -> str:
    """Write a mean of points, such as a rating.

    >>> points(3.847), points(-0.5), points(None)
    ('3.85', '−0.50', 'none')
    """
    return "none" if number is None else _minus(f"{number:.2f}")


def measure(value: float | None, unit: str) -> str:
    """Write a KPI's value in its unit: share (0..1), hours or points.

    >>> measure(0.84, "share"), measure(5.25, "hours"), measure(3.9, "points")
    ('84.0%', '5 h 15 min', '3.90')
    """
    if unit == "hours":
        return duration(None if value is None else value * 3600)
    return percent(value) if unit == "share" else points(value)


def interval(low: float | None, high: float | None, unit: str = "share") -> str:
    """Write a 95 % interval in the unit of its value; empty where there is none.

    >>> interval(0.686461, 0.700072), interval(3.1, 3.5, "points"), interval(0.5, None)
    ('68.6–70.0%', '3.10–3.50', '')
    >>> interval(1, 30, "hours"), interval(0.25, 30, "hours")
    ('1–30 h', '15 min – 30 h')
    """
    if low is None or high is None:
        return ""
    first, last = measure(low, unit), measure(high, unit)
    if first == last:
        return first
    (number, *words), (_, *others) = first.split(), last.split()
    if words != others or len(words) > 1 or not (first[:1].isdigit() and last[:1].isdigit()):
        return f"{first} – {last}"
    return f"{number.removesuffix('%')}–{last}"


def change(difference: float | None, unit: str = "share") -> str:
    """Write a signed difference; that of shares in percentage points.

    >>> change(0.0931), change(-0.002), change(1.5, "hours"), change(0.0)
    ('+9.3 points', '−0.20 points', '+1 h 30 min', '±0 points')
    """
    if difference is None:
        return "none"
    sign = "±" if difference == 0 else "+" if difference > 0 else "\u2212"
    size = abs(difference)
    if unit == "share":
        return f"{sign}{percent(size).removesuffix('%')} points"
    return sign + measure(size, unit)


def p_value(p: float | None) -> str:
    """Write a p-value.

    >>> p_value(0.00004), p_value(0.0123)
    ('p < 0.001', 'p = 0.012')
    """
    if p is None:
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def day(when: date) -> str:
    """Write a day.

    >>> day(date(2021, 1, 9))
    '9 Jan 2021'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def days(first: date | None, last: date | None) -> str:
    """Write a run of days, the month and year once where they agree.

    >>> days(date(2021, 1, 8), date(2021, 1, 19)), days(date(2020, 12, 31), date(2021, 1, 11)), days(date(2021, 1, 8), date(2021, 1, 8))
    ('8–19 Jan 2021', '31 Dec 2020 – 11 Jan 2021', '8 Jan 2021')
    """
    if first is None or last is None:
        return ""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    return f"{day(first).removesuffix(f' {last.year}')} – {day(last)}"


def instant(when: datetime | None) -> str:
    """Write an instant (UTC) to the minute.

    >>> instant(datetime(2021, 1, 19, 23, 59, 53))
    '19 Jan 2021 23:59 UTC'
    """
    return "unknown" if when is None else f"{day(when)} {when:%H:%M} UTC"


def _minus(text: str) -> str:
    """Use the minus sign, which is as wide as a digit."""
    return text.replace("-", "\u2212")
