"""Whoever adds and subtracts all that is told learns of no withheld cell that it is about fewer than k people."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import product
from random import Random

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_array

from pipelines.journey_map import journey_map
from pipelines.map_tables import read
from pipelines.privacy import ALL, people, told
from pipelines.publish import kpi_files
from pipelines.told_ways import told_ways
from pipelines.withheld import shared_kpis, told_totals, week
from tests.reports.html_reader import Page

K = 10
Cell = tuple[str, object]


def most(
    known: dict[Cell, float], made_of: dict[Cell, list[Cell]], wanted: list[Cell]
) -> dict[Cell, tuple[float, float]]:
    """Attack: the least and the most that each wanted cell can be, given all the known ones.

    Every cell is the sum of the smallest cells it is made of; none of these is negative.
    """
    small = sorted({one for parts in made_of.values() for one in parts}, key=str)
    place = {cell: number for number, cell in enumerate(small)}
    lines = list(known)
    entries = [(line, place[one], 1.0) for line, cell in enumerate(lines) for one in made_of[cell]]
    row, column, value = np.array(entries).T
    system = coo_array((value, (row.astype(int), column.astype(int))), shape=(len(lines), len(small))).tocsr()

    def reach(cell: Cell, sign: int) -> float:
        goal = np.zeros(len(small))
        goal[[place[one] for one in made_of[cell]]] = sign
        solved = linprog(goal, A_eq=system, b_eq=[known[one] for one in lines], bounds=(0, None))
        assert solved.status == 0, solved.message
        return float(sign * solved.fun)

    return {cell: (reach(cell, 1), reach(cell, -1)) for cell in wanted}


def caught(count: dict[Cell, int], made_of: dict[Cell, list[Cell]], kept: set[Cell]) -> dict[Cell, tuple[float, float]]:
    """The withheld cells of few people that the told ones give away, each with what an attacker knows of it."""
    known = {cell: float(count.get(cell, 0)) for cell in kept}
    few = [cell for cell in made_of if 0 < count.get(cell, 0) < K and cell not in kept]
    return (
        {cell: (low, high) for cell, (low, high) in most(known, made_of, few).items() if high < K - 1e-6}
        if known
        else {}
    )


def test_the_attack_finds_the_one_cell_that_is_the_difference():
    count = {(ALL, "all"): 45, ("new", "all"): 40, ("rare", "all"): 5}
    made_of = {
        (ALL, "all"): [("new", "all"), ("rare", "all")],
        ("new", "all"): [("new", "all")],
        ("rare", "all"): [("rare", "all")],
    }
    assert caught(count, made_of, {(ALL, "all"), ("new", "all")}) == {("rare", "all"): (5, 5)}
    assert caught(count, made_of, {(ALL, "all")}) == {}


@st.composite
def counted_days(draw) -> dict[tuple[str, int], int]:
    """People per persona and day: few of some, many of others."""
    n_personas, n_days = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    levels = [draw(st.sampled_from([0, 3, 9, 15, 60])) for _ in range(n_personas)]
    return {
        (f"p{persona}", day): draw(st.integers(0, levels[persona]))
        for persona in range(n_personas)
        for day in range(n_days)
    }


def grown(
    days: dict[tuple[str, int], int],
) -> tuple[dict[Cell, int], dict[Cell, list[Cell]], dict[object, list[object]]]:
    """The whole table of some days: the counts, what every cell is made of, and which times make up a time."""
    tree: dict[object, list[object]] = {"all": []}
    for day in sorted({day for _, day in days}):
        period, piece = f"period {day // 6}", f"week {day // 6} {day // 3}"
        tree["all"] += [period] * (period not in tree["all"])
        tree.setdefault(period, []).extend([piece] * (piece not in tree.get(period, [])))
        tree.setdefault(piece, []).append(day)

    def leaves(time: object) -> list[object]:
        return [leaf for one in tree[time] for leaf in leaves(one)] if time in tree else [time]

    personas = sorted({persona for persona, _ in days})
    times = [*tree, *{day for _, day in days}]
    made_of = {(persona, time): [(persona, leaf) for leaf in leaves(time)] for persona in personas for time in times}
    made_of |= {(ALL, time): [(persona, leaf) for persona in personas for leaf in leaves(time)] for time in times}
    count = {cell: sum(days[one] for one in parts) for cell, parts in made_of.items()}
    return {cell: n for cell, n in count.items() if n}, made_of, tree


@settings(max_examples=2 * settings.default.max_examples)
@given(counted_days())
@example({("p0", 0): 5, ("p1", 0): 40})
@example({("p0", 0): 5, ("p1", 0): 5, ("p0", 3): 12, ("p1", 3): 14})
def test_no_withheld_cell_is_given_away(days):
    count, made_of, tree = grown(days)
    kept = told(count, tree, "all", K)
    assert all(count.get(cell, 0) == 0 or count[cell] >= K for cell in kept)
    assert caught(count, made_of, kept) == {}


# ---- the files and the pages of a whole build


def rows(con, sql: str) -> list[dict]:
    return con.sql(sql).to_arrow_table().to_pylist()


def test_no_withheld_cell_of_the_kpi_files_is_given_away(sample):
    files = kpi_files(sample)
    hidden = 0
    for kpi in {row["kpi"] for row in rows(sample, "SELECT kpi FROM kpi_daily")}:
        days = rows(sample, f"SELECT persona, day, n_units, n_people FROM kpi_daily WHERE kpi = '{kpi}'")
        count, few, made_of = {}, set(), {}
        for name, time in (("kpi_daily", "day"), ("kpi_weekly", "week_on"), ("kpi_status", "period")):
            for row in rows(sample, f"SELECT * FROM {name} WHERE kpi = '{kpi}' AND n_units > 0"):
                first, last = (row["first_on"], row["last_on"]) if name == "kpi_status" else (row[time],) * 2
                last = last + timedelta(6) if name == "kpi_weekly" else last
                cell = (row["persona"], (name, row[time]))
                count[cell] = row["n_units"]
                few |= {cell} if 0 < row["n_people"] < K else set()
                personas = {one["persona"] for one in days} - {ALL} if row["persona"] == ALL else {row["persona"]}
                made_of[cell] = [(p, d) for p in personas for d in {one["day"] for one in days} if first <= d <= last]
        kept = {
            (row["persona"], (name, row[time]))
            for name, time in (("kpi_daily", "day"), ("kpi_weekly", "week_on"), ("kpi_status", "period"))
            for row in files[name].to_pylist()
            if row["kpi"] == kpi and row["n_units"]
        }
        assert not kept & few
        hidden += len(few)
        if kept:
            bounds = most({cell: float(count[cell]) for cell in kept}, made_of, sorted(few, key=str))
            assert [cell for cell, (low, high) in bounds.items() if high < K or high - low < 0.5] == []
    assert hidden > 100


PLACES = {"stage_dropoff": ["journey", "stage"], "stage_touchpoint_use": ["journey", "stage", "touchpoint", "channel"]}
"""What the map tells of, stage by stage, and by what it names a place."""


@pytest.mark.parametrize("table", PLACES)
def test_no_withheld_cell_of_the_map_is_given_away(table, sample):
    """A place by persona and period: everyone is the sum of the personas, all days that of the periods and the days of none."""
    own = PLACES[table]
    places, told_at = defaultdict(dict), defaultdict(set)
    for row in rows(sample, f"SELECT * FROM {table} WHERE n_journeys > 0"):
        places[tuple(str(row[name]) for name in own)][row["persona"], row["period"]] = row
    for figure in Page(journey_map(sample)).figures:
        if (figure["table"], figure["column"]) == (table, "share_of_journeys"):
            key = figure["key"]
            told_at[tuple(key[name] for name in own)].add((key["persona"], key["period"]))
    personas = sorted({persona for cells in places.values() for persona, _ in cells} - {ALL})
    periods = ["current", "previous", "in neither"]
    hidden = 0
    for place, kept in told_at.items():
        cells = places[place]
        few = {cell for cell, row in cells.items() if 0 < people(row) < K}
        assert not kept & few
        hidden += len(few)
        made_of = {
            (persona, period): [
                (one, part)
                for one in (personas if persona == ALL else [persona])
                for part in (periods if period == "all" else [period])
            ]
            for persona in (ALL, *personas)
            for period in (*periods, "all")
        }
        bounds = most({cell: float(cells[cell]["n_journeys"]) for cell in kept}, made_of, sorted(few))
        assert [cell for cell, (low, high) in bounds.items() if high < K or high - low < 0.5] == []
    assert hidden > 10


ONE_AND_ALL = """
CREATE TABLE settings AS SELECT 10 AS k;
CREATE TABLE kpi_targets AS SELECT 'conversion_rate' AS kpi, 'purchase' AS journey, TIMESTAMP '2024-06-01' AS as_of;
CREATE TABLE people AS SELECT persona, CAST(day AS DATE) AS day, unnest(range(n)) AS person FROM days;
CREATE TABLE periods AS FROM (VALUES
    ('current', DATE '2024-05-07', DATE '2024-05-12'), ('previous', DATE '2024-05-01', DATE '2024-05-06'),
    ('all', DATE '2024-04-15', DATE '2024-05-12')) AS given (period, first_on, last_on);
CREATE TABLE counted AS
SELECT CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, first_on, last_on, count(*) AS n
FROM people JOIN periods ON day BETWEEN first_on AND last_on
GROUP BY GROUPING SETS ((persona, period, first_on, last_on), (period, first_on, last_on));
CREATE TABLE kpi_status AS
SELECT 'conversion_rate' AS kpi, persona, period, n AS n_units, n AS n_people, 0 AS n_immature, first_on, last_on FROM counted;
CREATE TABLE journey_totals AS SELECT 'purchase' AS journey, persona, period, n AS n_journeys, n AS n_people FROM counted;
CREATE TABLE kpi_units (kpi VARCHAR, persona VARCHAR, person_id VARCHAR, unit_id VARCHAR, matures_at TIMESTAMP);
CREATE TABLE kpi_daily AS
SELECT 'conversion_rate' AS kpi, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, day,
    count(*) AS n_units, count(*) AS n_people
FROM people
GROUP BY GROUPING SETS ((persona, day), (day));
CREATE TABLE kpi_weekly AS
SELECT kpi, persona, CAST(date_trunc('week', day) AS DATE) AS week_on, sum(n_units) AS n_units, sum(n_people) AS n_people
FROM kpi_daily
GROUP BY ALL
"""
"""People who come once, each on a journey of theirs, as the tables of a build count them."""


@given(st.lists(st.lists(st.sampled_from([0, 1, 4, 12, 40]), min_size=28, max_size=28), min_size=2, max_size=5))
@example([[12, 12] + [0] * 25 + [4], [12] * 16 + [2] * 12, [0] * 16 + [10] * 12, [40] * 28])
def test_the_map_and_the_kpis_together_give_no_journeys_away(counts):
    """Journeys are counted on the map and the flow, and by the KPI of their conversion."""
    start = date(2024, 4, 15)
    days = [
        (f"p{persona}", (start + timedelta(number)).isoformat(), n)
        for persona, own in enumerate(counts)
        for number, n in enumerate(own)
    ]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE days (persona VARCHAR, day VARCHAR, n BIGINT)")
        con.executemany("INSERT INTO days VALUES (?, ?, ?)", days)
        for statement in con.extract_statements(ONE_AND_ALL):
            con.execute(statement).fetchall()
        by_kpi = {cell[1:] for cell in shared_kpis(con).told}
        on_map = {cell[1:] for cell in told_totals(con, shared_kpis(con).told)}
        spans = {row["period"]: (row["first_on"], row["last_on"]) for row in rows(con, "FROM periods")}
    people = {(persona, date.fromisoformat(day)): n for persona, day, n in days}
    times = (
        spans
        | {day: (day, day) for _, day in people}
        | {week(start + timedelta(n)): (start + timedelta(n), start + timedelta(n + 6)) for n in (0, 7, 14, 21)}
    )
    made_of = {
        (part, time): [cell for cell in people if part in (ALL, cell[0]) and first <= cell[1] <= last]
        for part in {ALL, *(persona for persona, _ in people)}
        for time, (first, last) in times.items()
    }
    count = {cell: sum(people[one] for one in parts) for cell, parts in made_of.items()}
    assert caught(count, made_of, by_kpi | on_map) == {}
    assert not [cell for cell in on_map if 0 < count[cell] < K]


def test_the_files_say_how_many_rows_they_leave_out(sample):
    files = kpi_files(sample)
    left_out = {row["table_name"]: row["n_withheld"] for row in files["withheld"].to_pylist()}
    assert (
        left_out["kpi_daily"]
        == rows(sample, "SELECT count(*) AS n FROM kpi_daily")[0]["n"] - files["kpi_daily"].num_rows
    )
    assert f"{read(sample).n_withheld:,} cells withheld" in journey_map(sample)


def test_the_ways_told_say_no_more_of_a_rare_way_than_the_stages_alone():
    """Three stages, two personas: every move at least once, a few often."""
    chance = Random(11)
    stages = ["look", "cart", "buy"]
    moves = [("(start)", one) for one in stages] + [
        (a, b) for a in stages for b in [*stages, "(success)", "(dropped)"] if a != b
    ]
    for _ in range(20):
        n = {(persona, *move): chance.choice([0, 1, 4, 12, 50]) for persona in ("new", "old") for move in moves}
        table = [
            {
                "persona": persona,
                "period": "all",
                "from_stage": a,
                "to_stage": b,
                "n_transitions": m,
                "n_people": m,
                "n_journeys": m,
            }
            for a, b in moves
            for persona, m in (("new", n["new", a, b]), ("old", n["old", a, b]), (ALL, n["new", a, b] + n["old", a, b]))
        ]
        count = {(row["persona"], "all", row["from_stage"], row["to_stage"]): row["n_transitions"] for row in table}
        told_stages = {
            (stage, persona, "all"): True for stage in ["(start)", *stages] for persona in ("new", "old", ALL)
        }
        kept = told_ways(table, told_stages, K)
        made = {cell: [(p, *cell[1:]) for p in (("new", "old") if cell[0] == ALL else cell[:1])] for cell in count}
        sums, known = {}, {}
        for persona in ("new", "old", ALL):
            for side, one in product((2, 3), ["(start)", *stages, "(success)", "(dropped)"]):
                cells = [cell for cell in count if cell[0] == persona and cell[side] == one]
                if cells:
                    sums[persona, side, one] = [part for cell in cells for part in made[cell]]
                    known[persona, side, one] = float(sum(count[cell] for cell in cells))
        known |= {cell: float(count[cell]) for cell in count if cell[3] == "(dropped)"}
        rare = [cell for cell in count if 0 < count[cell] < K and cell[3] != "(dropped)"]
        assert not kept & set(rare)
        before = most(known, sums | made, rare)
        after = most(known | {cell: float(count[cell]) for cell in kept}, sums | made, rare)
        assert [cell for cell in rare if after[cell][1] < K <= before[cell][1]] == []
