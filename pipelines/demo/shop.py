"""The shop of the demo: what it sells, on which pages, to which devices, and how visitors come to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DAY_MS = 86_400_000
N_DAYS = 84
END = np.datetime64("2026-03-01T00:00:00.000", "ms")
START = END - np.timedelta64(N_DAYS, "D")
END_MS = int(END.astype(np.int64))
START_MS = int(START.astype(np.int64))

DEVICES = (
    ("desktop", "Windows"), ("desktop", "macOS"), ("mobile", "Android"), ("mobile", "iOS"), ("tablet", "iPadOS"),
    ("tablet", "Android"),
)  # fmt: skip
DEVICE_TYPES = np.array([device_type for device_type, _ in DEVICES])
COUNTRIES = {"DE": 0.46, "AT": 0.10, "NL": 0.12, "FR": 0.14, "GB": 0.10, "US": 0.08}
CURRENCIES = {"GB": "GBP", "US": "USD"}  # everybody else pays in EUR
CATEGORIES = ("kitchen", "garden", "bath", "bedroom", "lamps", "sale")
N_PRODUCTS = 60
PRICES_CENTS = (990 + (np.arange(N_PRODUCTS) * 1337) % 9000) // 10 * 10
SHIPPING_CENTS = 495

# Strangers type what they like: markup, a spreadsheet formula, an SQL quote, letters beyond ASCII.
SEARCH_TERMS = {
    "lamp": 9, "garden chair": 7, "towel": 6, "pillow": 6, "pan": 5, "gift": 5, "vase": 4, "Küchenmesser": 3,
    "灯": 0.4, "<script>alert('search')</script>": 0.3, '=HYPERLINK("http://evil.example","x")': 0.2,
    "'; DROP TABLE events; --": 0.2,
}  # fmt: skip
# A query string that carries secrets; nothing after the question mark may ever be landed.
TOKENS = tuple(f"secret-{number * 2654435761 % 2**32:08x}" for number in range(1, 17))


@dataclass(frozen=True)
class Channel:
    """One way to the shop: how often it brings a first and a later visit, and what the landing event says of it."""

    name: str
    first: float
    later: float
    lands_on: dict[str, float]
    referrer: str | None = None
    utm: tuple[str, str, str] | None = None  # source, medium, campaign


CAMPAIGN = {"category": 0.55, "item": 0.45}
CHANNELS = (
    Channel("campaign", 22, 5, CAMPAIGN, "https://www.google.com/", ("google", "cpc", "winter_sale")),
    Channel("campaign", 14, 3, CAMPAIGN, "https://l.instagram.com/", ("instagram", "paid_social", "new_home")),
    Channel("campaign", 2, 12, CAMPAIGN, None, ("newsletter", "email", "weekly_letter")),
    Channel("search", 26, 14, {"item": 0.5, "category": 0.3, "home": 0.2}, "https://www.google.com/search?q=lamps"),
    Channel("search", 6, 3, {"item": 0.5, "category": 0.3, "home": 0.2}, "https://www.bing.com/"),
    Channel("direct", 18, 50, {"home": 0.7, "category": 0.2, "search": 0.1}),
    Channel("referral", 11, 6, {"item": 0.6, "home": 0.4}, "https://blog.example.org/nice-lamps?session=secret-blog"),
    Channel("campaign", 0.2, 0.1, CAMPAIGN, None, ("mail", "email", "<script>alert('campaign')</script>")),
    Channel("campaign", 0, 0, {"cart": 1.0}, None, ("newsletter", "email", "cart_reminder")),
)
HOSTILE_CHANNEL, CART_REMINDER = len(CHANNELS) - 2, len(CHANNELS) - 1


def cumulative(weights: Any) -> Array:
    """Running sums of weights, scaled to end at exactly 1, for `pick`.

    >>> cumulative([1, 3]).tolist()
    [0.25, 1.0]
    """
    sums = np.cumsum(np.asarray(weights, dtype=float))
    return np.append(sums[:-1] / sums[-1], 1.0)


def pick(rng: np.random.Generator, weights: Any, n: int) -> Array:
    """Draw n positions, each as often as its weight says.

    >>> pick(np.random.default_rng(1), [0, 1], 3).tolist()
    [1, 1, 1]
    """
    return np.searchsorted(cumulative(weights), rng.random(n), side="right")


def utc_text(at_ms: Array, ending: str = "Z") -> list[str]:
    """ISO text, to the second, of instants in milliseconds since 1970.

    >>> utc_text(np.array([0, 61_500]))
    ['1970-01-01T00:00:00Z', '1970-01-01T00:01:01Z']
    """
    texts = np.datetime_as_string(at_ms.astype("datetime64[ms]"), unit="s")
    return [text + ending for text in texts.tolist()]
