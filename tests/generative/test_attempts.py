"""Login attempts and searches in SQL agree with plain Python on any few events."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.engine import run
from tests.drawn import MATURE, build
from tests.drawn_warehouse import warehouse
from tests.reference import attempts

START = datetime(2024, 5, 1, 9)


@pytest.mark.parametrize(
    ("kpi", "roles", "reference"),
    [
        ("login_success_rate", ("login_tried", "login_succeeded"), attempts.logins),
        ("search_success_rate", ("searched", "product_viewed"), attempts.searches),
    ],
)
def test_sql_and_plain_python_agree_on_every_attempt(kpi: str, roles: tuple[str, ...], reference: Callable) -> None:
    con = warehouse()
    moment = st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(roles), st.integers(0, 24), st.integers(0, 1))

    @given(drawn=st.lists(moment, min_size=1, max_size=10), as_of=st.integers(5, 40))
    def agree(drawn: list[tuple[str, str, int, int]], as_of: int) -> None:
        until = START + timedelta(minutes=as_of)
        rows = [
            {
                "event_id": f"e{number:02}",
                "person_id": person,
                "role": role,
                "occurred_at": START + timedelta(minutes=minute, microseconds=micro),
            }
            for number, (person, role, minute, micro) in enumerate(drawn)
        ]
        tables = {"events": rows, "kpi_targets": [{"kpi": kpi, "window_seconds": 300, "as_of": until}]}
        build(con, [kpi, "kpi_targets"], tables)
        expected = []
        for person in ("ann", "bob"):
            own = sorted(
                (row for row in rows if row["person_id"] == person),
                key=lambda row: (row["occurred_at"], row["event_id"]),
            )
            expected += [
                (person, *unit) for unit in reference([(row["role"], row["occurred_at"]) for row in own], until)
            ]
        assert sorted(run(con, f"SELECT person_id, entered_at, value, {MATURE} FROM {kpi}")) == sorted(expected)

    agree()
    con.close()
