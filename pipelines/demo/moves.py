"""Where people go next: the usual moves from step to step, what each persona likes more, and what is broken."""

from __future__ import annotations

import numpy as np

from pipelines.demo.defects import DEFECTS, Rows
from pipelines.demo.shop import Array, cumulative

# The usual next step after each step. `login` is the one in the checkout, `sign_in` the one in the account menu.
MOVES: Rows = {
    "home": {"category": 0.34, "search": 0.20, "item": 0.12, "sign_in": 0.10, "help": 0.02, "leave": 0.22},
    "category": {"item": 0.50, "category": 0.17, "search": 0.08, "sign_in": 0.05, "leave": 0.20},
    "search": {"item": 0.62, "search": 0.16, "category": 0.05, "leave": 0.17},
    "item": {"item": 0.37, "add": 0.15, "category": 0.14, "search": 0.08, "sign_in": 0.05, "help": 0.01, "leave": 0.20},
    "add": {"cart": 0.50, "item": 0.18, "begin": 0.22, "leave": 0.10},
    "cart": {"begin": 0.62, "item": 0.10, "category": 0.04, "leave": 0.24},
    "begin": {"login": 0.70, "shipping": 0.22, "cart": 0.02, "leave": 0.06},
    "login": {"login_ok": 0.955, "login_bad": 0.045},
    "login_ok": {"shipping": 0.94, "leave": 0.06},
    "login_bad": {"login": 0.20, "shipping": 0.25, "help": 0.05, "leave": 0.50},
    "shipping": {"payment": 0.84, "begin": 0.03, "cart": 0.02, "leave": 0.11},
    "payment": {"purchase": 0.93, "payment_error": 0.03, "leave": 0.04},
    "payment_error": {"payment": 0.60, "leave": 0.40},
    "purchase": {"item": 0.08, "home": 0.06, "help": 0.04, "leave": 0.82},
    "sign_in": {"sign_in_ok": 0.955, "sign_in_bad": 0.045},
    "sign_in_ok": {"category": 0.30, "item": 0.35, "search": 0.20, "leave": 0.15},
    "sign_in_bad": {"sign_in": 0.20, "item": 0.20, "help": 0.10, "leave": 0.50},
    "help": {"home": 0.25, "item": 0.20, "leave": 0.55},
}
STEPS = (*MOVES, "leave")
STEP = {name: number for number, name in enumerate(STEPS)}
EVENT_OF_STEP = {
    "home": "page_view", "category": "page_view", "search": "search", "item": "view_item", "add": "add_to_cart",
    "cart": "page_view", "begin": "begin_checkout", "shipping": "add_shipping_info", "payment": "add_payment_info",
    "payment_error": "payment_error", "purchase": "purchase", "help": "help_view", "login": "login_attempt",
    "login_ok": "login_success", "login_bad": "login_error", "sign_in": "login_attempt", "sign_in_ok": "login_success",
    "sign_in_bad": "login_error",
}  # fmt: skip

# A persona is decided when a journey begins; it makes some moves more (or less) likely than usual.
PERSONAS = {
    "loyal customers": {"leave": 0.70, "add": 1.60, "begin": 1.30},
    "returning browsers": {"leave": 0.85, "item": 1.20},
    "mobile newcomers": {"leave": 1.30, "add": 0.85, "sign_in": 2.00},  # a banner asks phones to sign in
    "desktop newcomers": {"leave": 1.10},
    "other": {"leave": 1.10},  # newcomers on tablets
}
LOYAL, RETURNING, MOBILE_NEWCOMER, DESKTOP_NEWCOMER, OTHER = range(len(PERSONAS))
WALKING_DEFECTS = tuple(defect for defect in DEFECTS if defect.rows)


def chances(broken: frozenset[str]) -> Array:
    """Running sums of the odds of each move, by persona, active WALKING_DEFECTS (as bits), can_log_in, and step."""
    table = np.empty((len(PERSONAS), 2 ** len(WALKING_DEFECTS), 2, len(STEPS), len(STEPS)), dtype=np.float32)
    for p, likes in enumerate(PERSONAS.values()):
        for bits in range(table.shape[1]):
            active = [d for i, d in enumerate(WALKING_DEFECTS) if bits >> i & 1 and d.kind in broken]
            for can_log_in in (0, 1):
                table[p, bits, can_log_in] = _chances(likes, [d.rows for d in active], bool(can_log_in))
    return table


def _chances(likes: dict[str, float], overrides: list[Rows], can_log_in: bool) -> Array:
    matrix = np.zeros((len(STEPS), len(STEPS)))
    matrix[:, STEP["leave"]] = 1e-12  # keeps the row of `leave` itself well defined
    for step, moves in MOVES.items():
        is_broken = False
        for rows in overrides:
            moves, is_broken = rows.get(step, moves), is_broken or step in rows
        for target, chance in moves.items():
            if can_log_in or target not in ("login", "sign_in"):
                matrix[STEP[step], STEP[target]] = chance * (1.0 if is_broken else likes.get(target, 1.0))
    return np.array([cumulative(row) for row in matrix])
