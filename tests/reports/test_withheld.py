"""What is told of periods leaves no rest about fewer than k people, though that rest is in no table."""

import duckdb

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
