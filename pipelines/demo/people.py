"""Who the people of the demo are: three kinds of visitors, their devices, countries, and how often they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.demo.shop import COUNTRIES, DAY_MS, DEVICE_TYPES, N_DAYS, START_MS, Array, pick


@dataclass(frozen=True)
class Kind:
    """A kind of visitor: shares (0..1), the median number of visits after the first, and how widely that spreads."""

    name: str
    share: float
    visits: float
    spread: float
    account: float
    second_device: float
    early: float  # share whose first visit falls into the first three weeks: they knew the shop before
    devices: tuple[float, ...]  # weights in the order of DEVICES: Windows, macOS, Android, iOS, iPad, Android tablet


KINDS = (
    Kind("passer-by", 0.52, 0.60, 0.70, 0.50, 0.05, 0.0, (20, 8, 54, 10, 5, 3)),
    Kind("browser", 0.33, 2.80, 0.60, 0.60, 0.20, 0.1, (40, 16, 10, 22, 8, 4)),
    Kind("regular", 0.15, 8.00, 0.95, 0.92, 0.45, 0.7, (45, 22, 5, 16, 9, 3)),
)
DESKTOP_WEIGHTS, PHONE_WEIGHTS = (7, 3, 0, 0, 0, 0), (0, 0, 2, 8, 0, 0)
MAX_VISITS = 40
HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 10, 9, 9, 9, 9, 10, 12, 15, 16, 14, 9, 4)
WEEKDAY_WEIGHTS = (10, 9, 9, 9, 10, 12, 14)  # Monday first

FIRST_NAMES = ("Ann", "Ben", "Carla", "Deniz", "Emil", "Fatma", "Greta", "Hugo", "Ines", "Jonas", "Kim", "Lena")
LAST_NAMES = ("Adler", "Brandt", "Costa", "Dubois", "Evans", "Fischer", "Groot", "Huber", "Ito", "Jansen", "Kaya")


@dataclass(frozen=True)
class People:
    """The true people, one array position each; device_b is -1 for those with one device."""

    kind: Array
    country: Array
    has_account: Array
    device_a: Array
    device_b: Array
    first_visit_ms: Array
    planned_visits: Array
    device_ids: Array  # shape (people, 2): random 63-bit numbers

    def __len__(self) -> int:
        return len(self.kind)


def invent_people(n: int, rng: np.random.Generator) -> People:
    """Draw n people; whoever they are, they first come at some day and hour of the twelve weeks."""
    kind = pick(rng, [kind.share for kind in KINDS], n)

    def of_kind(values: list[float]) -> Array:
        return np.array(values)[kind]

    visits = of_kind([k.visits for k in KINDS]) * np.exp(of_kind([k.spread for k in KINDS]) * rng.normal(size=n))
    has_second = rng.random(n) < of_kind([k.second_device for k in KINDS])
    device_a = _devices(kind, rng)
    # A second device is of another sort: a desktop for those who carry the first one, a phone for the others.
    has_desktop = DEVICE_TYPES[device_a] == "desktop"
    device_b = np.where(has_desktop, pick(rng, PHONE_WEIGHTS, n), pick(rng, DESKTOP_WEIGHTS, n))
    return People(
        kind=kind.astype(np.int8),
        country=pick(rng, list(COUNTRIES.values()), n).astype(np.int8),
        has_account=rng.random(n) < of_kind([k.account for k in KINDS]),
        device_a=device_a.astype(np.int8),
        device_b=np.where(has_second, device_b, -1).astype(np.int8),
        first_visit_ms=START_MS + _first_days(kind, rng) * DAY_MS + time_of_day(n, rng),
        planned_visits=np.minimum(1 + visits.astype(np.int64), MAX_VISITS),
        device_ids=rng.integers(0, 2**63, size=(n, 2)),
    )


def _devices(kind: Array, rng: np.random.Generator) -> Array:
    by_kind = [pick(rng, k.devices, len(kind)) for k in KINDS]
    return np.choose(kind, by_kind)


def _first_days(kind: Array, rng: np.random.Generator) -> Array:
    days = np.arange(N_DAYS)
    weekday = (START_MS // DAY_MS + days + 3) % 7  # day 0 of the epoch was a Thursday
    weights = np.array(WEEKDAY_WEIGHTS)[weekday]
    is_early = rng.random(len(kind)) < np.array([k.early for k in KINDS])[kind]
    return np.where(is_early, pick(rng, weights[:21], len(kind)), pick(rng, weights, len(kind)))


def time_of_day(n: int, rng: np.random.Generator) -> Array:
    """Draw n times of day in milliseconds, most of them in the evening, none after 23:00."""
    return pick(rng, HOUR_WEIGHTS[:-1], n) * 3_600_000 + rng.integers(0, 3_600_000, n)


def name_of(person: int) -> tuple[str, str]:
    """First and last name of a person number.

    >>> name_of(13)
    ('Ben', 'Brandt')
    """
    return FIRST_NAMES[person % len(FIRST_NAMES)], LAST_NAMES[person // len(FIRST_NAMES) % len(LAST_NAMES)]


def email_of(person: int) -> str:
    """The e-mail address of a person number; no two people share one.

    >>> email_of(13)
    'ben.brandt.13@example.org'
    """
    first, last = name_of(person)
    return f"{first}.{last}.{person}@example.org".lower()


def phone_of(person: int) -> str | None:
    """The phone number of a person number; every fifth gave none.

    >>> phone_of(13), phone_of(10)
    ('+4915200000013', None)
    """
    return None if person % 5 == 0 else f"+49152{person:08d}"


def customer_id_of(person: int) -> int:
    """The shop's customer id of a person number, as it appears in orders and as the web user id.

    >>> customer_id_of(13)
    6100000013
    """
    return 6_100_000_000 + person
