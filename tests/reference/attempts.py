"""Login attempts and searches, person by person: slow and obvious."""

from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)

Moment = tuple[str, datetime]
"""A role, and when: in the order of events."""

Unit = tuple[datetime, int, bool]
"""When it was entered, 1 for a success, whether it is mature."""


def logins(moments: Sequence[Moment], as_of: datetime, window: timedelta = WINDOW) -> list[Unit]:
    """Gather tries into attempts, and look for a success within the window after the last try of each."""
    tries = [number for number, (role, _) in enumerate(moments) if role == "login_tried"]
    attempts: list[list[int]] = []
    for number in tries:
        if attempts and moments[number][1] - moments[attempts[-1][-1]][1] <= window:
            attempts[-1].append(number)
        else:
            attempts.append([number])
    units = []
    for attempt in attempts:
        deadline = moments[attempt[-1]][1] + window
        succeeded = any(role == "login_succeeded" and at <= deadline for role, at in moments[attempt[-1] + 1 :])
        units.append((moments[attempt[0]][1], int(succeeded), deadline <= as_of))
    return units


def searches(moments: Sequence[Moment], as_of: datetime, window: timedelta = WINDOW) -> list[Unit]:
    """Look, after each search, for a product viewed before the next search and within the window."""
    units = []
    for number, (role, at) in enumerate(moments):
        if role != "searched":
            continue
        succeeded = False
        for next_role, next_at in moments[number + 1 :]:
            if next_role == "searched":
                break
            if next_role == "product_viewed":
                succeeded = next_at - at <= window
                break
        units.append((at, int(succeeded), at + window <= as_of))
    return units
