"""Slow, obvious twins of retention, lifecycle and stickiness: plain Python with zoneinfo, never shipped."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.journey_mining.reference import clustered

HOURS = {"day": timedelta(hours=24), "week": timedelta(hours=7 * 24)}


def local_day(instant, zone):
    """The date on the wall, where `instant` is in UTC."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def begin(day, period):
    """The first day of the period which a day is in."""
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[period]


def later(day, period, number):
    """The first day of the period so many periods after the one which begins on `day`."""
    if period == "month":
        months = day.year * 12 + day.month - 1 + number
        return day.replace(year=months // 12, month=months % 12 + 1)
    return day + timedelta(days=number * (7 if period == "week" else 1))


def starts_at(day, zone):
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def acts_of(steps, names=None):
    """{person: the instants of their steps, in order}"""
    acts = defaultdict(list)
    for step in sorted(steps, key=lambda step: step["occurred_at"]):
        if isinstance(step["person_id"], str) and (names is None or step["stage"] in names):
            acts[step["person_id"]].append(step["occurred_at"].to_pydatetime())
    return acts


def entries_of(steps, start, period, cohorts, zone):
    """[(person, cohort, instant of the entry)]"""
    entries = []
    for person, instants in acts_of(steps, start).items():
        first = {}
        for instant in instants:
            first.setdefault(begin(local_day(instant, zone), period), instant)
        found = [(person, cohort, instant) for cohort, instant in first.items()]
        entries += found if cohorts == "recurring" else found[:1]
    return entries


def retention(steps, start=None, back=None, period="day", when="on", clock="calendar", cohorts="first_time",
              zone="UTC", offsets=12):  # fmt: skip
    """{(cohort, offset): (n_cohorts, n_people, n_back, rate, low, high, is_finished)}"""
    as_of = max(step["occurred_at"] for step in steps)
    backs, entries = acts_of(steps, back), entries_of(steps, start, period, cohorts, zone)

    def is_back(person, cohort, entered_at, offset):
        for instant in (i for i in backs[person] if i >= entered_at):
            if clock == "24h":
                number = (instant - entered_at) // HOURS[period]
            else:
                day = begin(local_day(instant, zone), period)
                number = next(n for n in range(9999) if later(cohort, period, n) == day)
            if number == offset or (when == "on_or_after" and number > offset):
                return True
        return False

    rows, of_all = {}, defaultdict(list)
    for cohort in {cohort for _, cohort, _ in entries}:
        own = [entry for entry in entries if entry[1] == cohort]
        for offset in range(offsets + 1):
            if clock == "24h":
                begins = starts_at(cohort, zone) + offset * HOURS[period]
                ends = starts_at(later(cohort, period, 1), zone) + (offset + 1) * HOURS[period]
            else:
                begins, ends = (starts_at(later(cohort, period, offset + n), zone) for n in (0, 1))
            if begins > as_of:
                continue
            found = [(person, is_back(person, cohort, entered_at, offset)) for person, cohort, entered_at in own]
            rows[str(cohort), offset] = (1, *_told(found), ends <= as_of)
            if ends <= as_of:
                of_all[offset].append(found)
    for offset, found in of_all.items():
        rows["(all)", offset] = (len(found), *_told([unit for units in found for unit in units]), True)
    return rows


def _told(units):
    return (len(units), sum(hit for _, hit in units), *clustered(units)[:3])


def lifecycle(steps, period="week", names=None, zone="UTC"):
    """{first day: (n_people, n_new, n_returning, n_resurrected, n_dormant, is_finished)}"""
    as_of, first_at = (edge(step["occurred_at"] for step in steps) for edge in (max, min))
    active = {p: {begin(local_day(i, zone), period) for i in found} for p, found in acts_of(steps, names).items()}
    rows, day = {}, begin(local_day(first_at, zone), period)
    while active and day <= local_day(as_of, zone):
        before = later(day, period, -1)
        now = [days for days in active.values() if day in days]
        rows[day] = (
            len(now),
            sum(min(days) == day for days in now),
            sum(before in days for days in now),
            sum(min(days) < day and before not in days for days in now),
            sum(before in days and day not in days for days in active.values()),
            starts_at(later(day, period, 1), zone) <= as_of,
        )
        day = later(day, period, 1)
    return rows


def stickiness(steps, period="week", names=None, zone="UTC"):
    """{(period, n_days): (n_people, n_active, share, low, high, is_finished)}"""
    as_of, first_at = (edge(step["occurred_at"] for step in steps) for edge in (max, min))
    days_of = defaultdict(Counter)
    for person, instants in acts_of(steps, names).items():
        for day in {local_day(i, zone) for i in instants}:
            days_of[begin(day, period)][person] += 1
    rows, of_all, longest = {}, [], 0
    for first, days in days_of.items():
        n_days = (later(first, period, 1) - first).days
        is_whole = local_day(first_at, zone) <= first and starts_at(later(first, period, 1), zone) <= as_of
        of_all += days.items() if is_whole else ()
        longest = max(longest, n_days if is_whole else 0)
        for number in range(1, n_days + 1):
            n, n_hits, *interval = _told([(person, found == number) for person, found in days.items()])
            rows[str(first), number] = (n_hits, n, *interval, is_whole)
    for number in range(1, longest + 1):
        n, n_hits, *interval = _told([(person, found == number) for person, found in of_all])
        rows["(all)", number] = (n_hits, n, *interval, True)
    return rows
