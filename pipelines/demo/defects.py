"""What is broken in the shop, when and for whom: the truth that the computed journeys must find."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.demo.shop import DAY_MS, DEVICES, END, END_MS, Array

Rows = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Defect:
    """A planted defect; days count from the end of the data (-1 is the last day), both included.

    While it is active for a visit, its `rows` replace rows of the usual `behaviour.MOVES`.
    """

    kind: str
    says: str
    shows_as: dict[str, str]
    first_day: int
    last_day: int
    devices: tuple[tuple[str, str], ...] = DEVICES
    rows: Rows = field(default_factory=dict)


PAYMENT_OUTAGE = Defect(
    kind="payment_outage",
    says="The payment provider refuses most payments; most people give up after an error.",
    shows_as={"stage": "checkout (last stage before purchase)", "kpi": "payment success", "persona": "(all)"},
    first_day=-20,
    last_day=-15,
    rows={
        "payment": {"payment_error": 0.90, "purchase": 0.07, "leave": 0.03},
        "payment_error": {"payment": 0.20, "leave": 0.80},
    },
)
LOGIN_BUG = Defect(
    kind="login_bug",
    says="Since a release, signing in fails for every third attempt on Android phones.",
    shows_as={"stage": "checkout", "kpi": "login success", "persona": "mobile newcomers"},
    first_day=-30,
    last_day=-1,
    devices=(("mobile", "Android"),),
    rows={
        "login": {"login_ok": 0.67, "login_bad": 0.33},
        "sign_in": {"sign_in_ok": 0.67, "sign_in_bad": 0.33},
    },
)
CHECKOUT_LOOP = Defect(
    kind="checkout_loop",
    says="On tablets the shipping form loses its data and sends people back to the start of the checkout.",
    shows_as={"stage": "checkout", "kpi": "checkout completion", "persona": "other (newcomers on tablets)"},
    first_day=-84,
    last_day=-1,
    devices=(("tablet", "iPadOS"), ("tablet", "Android")),
    rows={"shipping": {"begin": 0.55, "payment": 0.25, "leave": 0.20}},
)
SLOW_SUPPORT = Defect(
    kind="slow_support",
    says="Support answers three times as late as before, and its ratings fall.",
    shows_as={"stage": "support", "kpi": "first response time, satisfaction", "persona": "(all)"},
    first_day=-26,
    last_day=-1,
)
DEFECTS = (PAYMENT_OUTAGE, LOGIN_BUG, CHECKOUT_LOOP, SLOW_SUPPORT)
ALL_KINDS = frozenset(defect.kind for defect in DEFECTS)


def bounds_ms(defect: Defect) -> tuple[int, int]:
    """First instant of a defect, and the first instant after it, in milliseconds since 1970 (UTC).

    >>> first, after = bounds_ms(PAYMENT_OUTAGE)
    >>> (after - first) / DAY_MS
    6.0
    """
    return END_MS + defect.first_day * DAY_MS, END_MS + (defect.last_day + 1) * DAY_MS


def is_active(defect: Defect, at_ms: Array, device: Array) -> Array:
    """Whether a defect hits, for each instant and device (a position in DEVICES)."""
    first, after = bounds_ms(defect)
    is_hit_device = np.array([pair in defect.devices for pair in DEVICES])
    is_hit: Array = (at_ms >= first) & (at_ms < after) & is_hit_device[device]
    return is_hit


def date_of(day: int) -> str:
    """The calendar date (UTC) of a day counted from the end.

    >>> date_of(-1)
    '2026-02-28'
    """
    return str((END + np.timedelta64(day, "D")).astype("datetime64[D]"))
