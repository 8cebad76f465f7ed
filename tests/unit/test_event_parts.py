"""Deliveries are divided into parts in their order, each of few events or of a single delivery."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from pipelines.event_parts import event_parts


def delivery(load_seq: int, n_events: int) -> Any:
    return SimpleNamespace(load_seq=load_seq, events=SimpleNamespace(n_rows=n_events) if n_events else None)


@pytest.mark.parametrize(
    ("n_events", "parts"),
    [
        ([4], [[4]]),
        ([4, 6], [[4, 6]]),
        ([4, 7], [[4], [7]]),
        ([25, 1], [[25], [1]]),
        ([1, 25, 0, 9, 1, 1], [[1], [25], [9, 1], [1]]),
    ],
    ids=[
        "one delivery",
        "together just so many",
        "together too many",
        "alone too many",
        "in their order, but for one that brought nothing",
    ],
)
def test_a_part_is_of_at_most_so_many_events_or_of_one_delivery(n_events: list[int], parts: list[list[int]]) -> None:
    entries = [delivery(number, n) for number, n in enumerate(n_events)]
    with patch("pipelines.event_parts.AT_ONCE", 10):
        found = event_parts(entries[::-1])
    assert [[entry.events.n_rows for entry in part if entry.events] for part in found] == parts
