"""What is told of periods leaves no rest about fewer than k people, though that rest is in no table."""

import duckdb
import pytest

from pipelines.pages import rows
from pipelines.withheld import people_of_rest, told_periods

K = 10
TOTALS = """
CREATE TABLE journey_totals AS
SELECT journey, '(all)' AS persona, period, count(*) AS n_journeys, count(DISTINCT person_id) AS n_people,
    min(started_on) AS first_on, max(started_on) AS last_on
FROM journey_outcomes
JOIN (VALUES ('current', DATE '2024-05-01', DATE '2024-05-31'), ('all', DATE '2024-01-01', DATE '2024-05-31'))
    AS periods (period, first, last) ON started_on BETWEEN first AND last
GROUP BY ALL
"""


PLACES = """
CREATE TABLE stage_visits AS SELECT journey_id, 'cart' AS stage FROM journey_outcomes WHERE journey_id NOT IN ('0', '1');
CREATE TABLE journey_steps AS SELECT journey_id, stage, 'page' AS touchpoint, NULL::VARCHAR AS channel FROM stage_visits
"""
"""All but the first two journeys come to the cart, by a page that no channel is known of."""


def told(before: list[str], now: list[str]) -> set[str]:
    """The periods told of journeys that these people began before the current period, and in it."""
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE journey_outcomes (journey VARCHAR, journey_id VARCHAR, person_id VARCHAR, persona VARCHAR, "
            "started_on DATE, is_mature BOOLEAN)"
        )
        con.execute("CREATE TABLE stage_visits (journey_id VARCHAR, stage VARCHAR)")
        con.execute(
            "CREATE TABLE journey_steps (journey_id VARCHAR, stage VARCHAR, touchpoint VARCHAR, channel VARCHAR)"
        )
        days = [(person, "2024-03-01") for person in before] + [(person, "2024-05-02") for person in now]
        con.executemany(
            "INSERT INTO journey_outcomes VALUES ('buy', ?, ?, 'new', ?, true)",
            [(f"{number}", person, day) for number, (person, day) in enumerate(days)],
        )
        con.execute(TOTALS)
        totals = rows(con, "FROM journey_totals")
        rest = people_of_rest(con, totals, ["journey"], K)
        return {period for _, _, period in told_periods(totals, ["journey"], {"(all)"}, K, rest=rest)}


def test_ten_journeys_of_one_who_never_came_again_are_about_one() -> None:
    people = [f"p{number}" for number in range(20)]
    assert told(["old"] * 10, people) < {"current", "all"}


def test_ten_people_who_came_again_are_ten() -> None:
    """Twenty people in all and twenty in the current period: that says of the days before nothing at all."""
    people = [f"p{number}" for number in range(20)]
    assert told(people[:10], people) == {"current", "all"}
    assert told(people[:9] * 2, people) < {"current", "all"}


@pytest.mark.parametrize("measure", [("journey", "stage"), ("journey", "stage", "touchpoint", "channel")])
def test_the_people_of_the_rest_are_counted_where_they_were(measure: tuple[str, ...]) -> None:
    """Twelve people came before, of whom two never to the cart; all came again, so that the periods say nothing of them."""
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE journey_outcomes AS SELECT 'buy' AS journey, n::VARCHAR AS journey_id, 'p' || n % 12 AS person_id, "
            "'new' AS persona, CASE WHEN n < 12 THEN DATE '2024-03-01' ELSE DATE '2024-05-02' END AS started_on, true AS is_mature "
            "FROM range(24) AS given (n)"
        )
        con.execute(TOTALS)
        for statement in con.extract_statements(PLACES):
            con.execute(statement)
        cell = {"journey": "buy", "stage": "cart", "touchpoint": "page", "channel": "", "persona": "(all)"}
        table = [
            cell | {"period": "all", "n_journeys": 22, "n_people": 12},
            cell | {"period": "current", "n_journeys": 12, "n_people": 12},
        ]
        assert list(people_of_rest(con, table, measure, K).values()) == [10]
