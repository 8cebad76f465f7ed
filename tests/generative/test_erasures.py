"""An erasure and the night after it: what is left, and what comes later, agree three ways."""

from pathlib import Path

import pytest

from pipelines.workspace import published
from tests.generative import shop
from tests.generative.builds import assert_same, erased, everything, full
from tests.generative.test_nights import agrees, at, night, seen
from tests.reference import erasure

Deliveries = list[tuple[str, list[shop.Row]]]
ERASED: dict[str, tuple[Deliveries, str, Deliveries]] = {
    "what_comes_later_of_who_was_erased_stays_out": (
        [("web", [seen("e01", 0, user="1", device="d1"), seen("e02", 5, user="2"), seen("e03", 10, device="d1")])],
        "user:shop:1",
        [("web", [seen("e04", 60, user="1"), seen("e05", 65, device="d1"), seen("e06", 70, user="2")])],
    ),
    "an_order_that_two_share_goes_with_neither_of_them": (
        [("web", [seen("e01", 0, user="1", order="o1"), seen("e02", 5, user="2", order="o1"), seen("e03", 90, order="o2")])],
        "user:shop:1",
        [("web", [seen("e04", 95, order="o1"), seen("e05", 100, user="3", order="o2")])],
    ),
    "an_order_of_an_erased_person_does_not_become_who_had_it_before": (
        [
            ("web", [seen("e01", 0, user="2")]),
            ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(0), "delivered": None, "user": "2"}]),
            ("orders", [{"id": "o1", "updated": at(60), "n": 1, "placed": at(0), "delivered": None, "user": "1"}]),
        ],
        "user:shop:1",
        [("orders", [{"id": "o1", "updated": at(90), "n": 1, "placed": at(0), "delivered": at(80), "user": "2"}])],
    ),
    "an_id_of_an_erased_event_is_free_again": (
        [("web", [seen("e01", 0, user="1"), seen("e02", 5, user="2"), seen("e01", 10, user="2")])],
        "user:shop:1",
        [("web", [seen("e01", 10, user="2")])],
    ),
    "a_copy_in_one_delivery_with_an_erased_record_does_not_come_in_its_stead": (
        [("web", [seen("e01", 0, user="1"), seen("e02", 5, user="2")])],
        "user:shop:1",
        [("web", [seen("e01", 0, user="1"), seen("e01", 10, user="2"), seen("e03", 15, user="2")])],
    ),
}  # fmt: skip
"""Deliveries and a night; who is erased then; and deliveries and a night after that."""


@pytest.mark.parametrize(("before", "person", "after"), ERASED.values(), ids=ERASED)
def test_an_erasure_and_the_night_after_it_agree_three_ways(
    before: Deliveries, person: str, after: Deliveries, tmp_path: Path
) -> None:
    workspace, choices = shop.workspace(tmp_path), shop.Choices()
    for source, rows in before:
        shop.deliver(workspace, source, rows)
    deliveries = [shop.delivery(source, rows) for source, rows in before]
    night(workspace, deliveries, choices)
    names = erasure.names_of(person, deliveries, shop.identity_rules(choices))
    erased(workspace, shop.definition(choices), person)
    deliveries = erasure.forgotten(names, deliveries)
    agrees(published(workspace), deliveries, choices)
    for source, rows in after:
        shop.deliver(workspace, source, rows)
        deliveries.append(erasure.kept_out(names, shop.delivery(source, rows)))
    night(workspace, deliveries, choices)
    with full(workspace, shop.definition(choices)) as afresh:
        assert_same(everything(published(workspace)), everything(afresh))
