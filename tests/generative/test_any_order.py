"""In whatever order records come, and in however many deliveries: the tables are the same."""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.workspace import Workspace, published
from tests.generative import shop
from tests.generative.builds import OF_DELIVERIES, WHEN_DELIVERED, Tables, assert_same, everything, incremental
from tests.generative.test_nights import DESK, ORDERS, WEB

Told = tuple[str, shop.Row]
"""A source and one record of it."""


def of(source: str, rows: st.SearchStrategy[shop.Row], **sizes: int) -> st.SearchStrategy[list[Told]]:
    """Records of a source that contradict each other in nothing."""
    own = None if source == "orders" else lambda row: row["id"]
    return st.lists(rows, unique_by=own, **sizes).map(lambda found: [(source, row) for row in found])


def loose(told: list[Told], cuts: list[int]) -> list[list[Told]]:
    """Cut records into nights after each place of `cuts`."""
    places = sorted({0, len(told), *(cut % len(told) for cut in cuts)})
    return [told[start:end] for start, end in pairwise(places)]


def run(workspace: Workspace, told: list[Told]) -> None:
    """Deliver records, each source its own, and build on what is published."""
    for source in shop.SOURCES:
        if rows := [row for name, row in told if name == source]:
            shop.deliver(workspace, source, rows)
    incremental(workspace, shop.definition())


def tables(workspace: Workspace) -> Tables:
    """What is published, without what tells of deliveries."""
    return {
        name: rows
        for name, rows in everything(published(workspace), but=WHEN_DELIVERED).items()
        if name not in OF_DELIVERIES
    }


@settings(max_examples=settings.default.max_examples // 5)
@given(
    web=of("web", WEB, min_size=2, max_size=6),
    desk=of("desk", DESK, max_size=3),
    orders=of("orders", ORDERS, max_size=3),
    n_copies=st.integers(0, 3),
    cuts=st.lists(st.integers(0, 11), max_size=2),
    data=st.data(),
)
def test_any_split_of_the_deliveries_in_any_order_gives_the_same_tables(
    web: list[Told], desk: list[Told], orders: list[Told], n_copies: int, cuts: list[int], data: st.DataObject
) -> None:
    """At once, or night by night in another order and some of it twice: without conflicts nothing but provenance differs.

    The versions of an order come as they were written: of two that are as new as each other the later counts.
    """
    at_once, by_night = (shop.workspace(Path(tempfile.mkdtemp())) for _ in range(2))
    try:
        run(at_once, [*web, *desk, *orders])
        in_turn = iter(orders)
        mixed = data.draw(st.permutations([*web, *(web + desk)[:n_copies], *desk, *orders]))
        for night in loose([next(in_turn) if told[0] == "orders" else told for told in mixed], cuts):
            run(by_night, night)
        assert_same(tables(by_night), tables(at_once))
    finally:
        for workspace in (at_once, by_night):
            shutil.rmtree(workspace.root)
