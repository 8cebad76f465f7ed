"""Lengths of time as people write them: 30m, 7d."""

import re
from typing import Annotated

from pydantic import BeforeValidator

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(text: object) -> int:
    """Read a duration as whole seconds.

    >>> seconds("30m"), seconds("7d")
    (1800, 604800)
    """
    if isinstance(text, str) and (found := re.fullmatch(r"(\d+)\s*([smhdw])", text.strip())):
        return int(found[1]) * SECONDS[found[2]]
    raise ValueError(f"'{text}' is no duration; write a whole number and one of s, m, h, d, w, like 30m or 7d")


Seconds = Annotated[int, BeforeValidator(seconds)]
