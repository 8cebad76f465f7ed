"""Which rows of the published tables leave in `kpis/` and `reports/`, and how many do not."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa

from connectors.engine import run
from pipelines.pages import rows
from pipelines.privacy import ALL, Row, Time, least_people, people, told

DAILY = "SELECT * FROM kpi_daily ORDER BY kpi, day, persona"
WEEKLY = "SELECT * FROM kpi_weekly ORDER BY kpi, week_on, persona"
STATUS = "SELECT * FROM kpi_status ORDER BY kpi, persona, period"
TOTALS = "SELECT journey, persona, period, n_journeys, n_people FROM journey_totals ORDER BY ALL"
COUNTED = "SELECT kpi, journey FROM kpi_targets WHERE kpi IN ('conversion_rate', 'hours_to_success')"
"""Which journeys are counted by KPIs too: all of them by the one, those that succeed by the other."""

WAITING = """
SELECT kpi, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, count(DISTINCT coalesce(person_id, unit_id)) AS n_people
FROM kpi_units JOIN kpi_targets USING (kpi)
WHERE matures_at > as_of
GROUP BY GROUPING SETS ((kpi, persona), (kpi))
"""
"""How many people stand behind the units that are not mature yet."""
OPEN = """
SELECT journey, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona,
    count(DISTINCT coalesce(person_id, journey_id)) AS n_people
FROM journey_outcomes
WHERE outcome = 'open'
GROUP BY GROUPING SETS ((journey, persona), (journey))
"""
"""How many people stand behind the journeys that are open."""
REST = "rest"
"""The days of no period: no table shows them, but they follow from those it shows."""
PEOPLE_OF_REST = """
WITH spans AS (
    SELECT journey, first_on, last_on FROM journey_totals WHERE persona = '(all)' AND list_contains($periods, period)
),
rest AS (
    SELECT journey, journey_id, persona, coalesce(person_id, journey_id) AS cluster
    FROM journey_outcomes AS outcomes
    WHERE is_mature AND NOT EXISTS (
        SELECT 1 FROM spans WHERE spans.journey = outcomes.journey AND outcomes.started_on BETWEEN spans.first_on AND spans.last_on)
),
places AS (
    SELECT journey_id, NULL AS stage, NULL AS touchpoint, NULL AS channel FROM journey_outcomes WHERE $finest = 'journey'
    UNION ALL
    SELECT journey_id, stage, NULL, NULL FROM stage_visits WHERE $finest = 'stage'
    UNION ALL
    SELECT journey_id, stage, touchpoint, coalesce(channel, '') FROM journey_steps WHERE $finest = 'channel'
)
SELECT asked.journey, asked.stage, asked.touchpoint, asked.channel, asked.persona, count(DISTINCT cluster)
FROM asked
JOIN rest ON asked.journey = rest.journey AND (asked.persona = rest.persona OR asked.persona = '(all)')
JOIN places
    ON rest.journey_id = places.journey_id AND asked.stage IS NOT DISTINCT FROM places.stage
    AND asked.touchpoint IS NOT DISTINCT FROM places.touchpoint AND asked.channel IS NOT DISTINCT FROM places.channel
GROUP BY ALL
"""
Cells = set[tuple[Any, ...]]


def withhold(cells: Iterable[Row], is_told: Callable[[Row], bool], keys: Iterable[str]) -> list[dict[str, Any]]:
    """Mark each row with `is_withheld`, and empty those that are, but for their keys.

    >>> withhold([{"persona": "rare", "n_people": 5}], lambda row: row["n_people"] >= 10, ["persona"])
    [{'persona': 'rare', 'n_people': None, 'is_withheld': True}]
    """
    kept = {*keys}
    found = []
    for row in cells:
        hidden = not is_told(row)
        found.append(
            {name: None if hidden and name not in kept else row[name] for name in row} | {"is_withheld": hidden}
        )
    return found


def told_periods(
    table: Iterable[Row],
    measure: Sequence[str],
    personas: Collection[str],
    k: int,
    count: str = "n_journeys",
    rest: Mapping[tuple[Any, ...], int] | None = None,
) -> Cells:
    """Choose the cells to tell of a table with one row per measure, persona and period; `count` is what adds up.

    `rest` says how many people there are in none of the periods, by measure and persona; else it is as few as there can be.

    >>> cell = {"stage": "cart", "period": "all"}
    >>> sizes = {"(all)": 45, "new": 40, "rare": 5}
    >>> days = [cell | {"persona": persona, "n_people": n, "n_journeys": n} for persona, n in sizes.items()]
    >>> told_periods(days, ["stage"], sizes, k=10)
    {('cart', '(all)', 'all')}
    """
    groups = _by_measure(table, measure)
    periods = sorted({period for cells in groups.values() for _, period in cells} - {"all"})
    found: Cells = set()
    for name, cells in groups.items():
        size = {cell: people(cells[cell]) if cell in cells else 0 for cell in product(personas, (*periods, "all"))}
        for persona in personas:
            size[persona, REST] = (rest or {}).get((*name, persona), _rest(cells, persona, count)[1])
        kept = told(size, {"all": [*periods, REST]}, "all", k)
        kept |= {(persona, period) for persona, period in size if not size[ALL, period]}
        found |= {(*name, *cell) for cell in kept if cell[1] != REST}
    return found


def _by_measure(table: Iterable[Row], measure: Sequence[str]) -> dict[tuple[Any, ...], dict[tuple[str, Time], Row]]:
    """The rows of a table by measure, then by persona and period."""
    groups: dict[tuple[Any, ...], dict[tuple[str, Time], Row]] = defaultdict(dict)
    for row in table:
        groups[tuple(row[name] for name in measure)][row["persona"], row["period"]] = row
    return groups


def _rest(cells: Mapping[tuple[str, Time], Row], persona: str, count: str) -> tuple[int, int]:
    """How many of a persona's are counted in no period, and of how many people at least."""
    own = {period: row for (one, period), row in cells.items() if one == persona}
    whole = own.pop("all", None)
    n = whole[count] - sum(row[count] for row in own.values()) if whole else 0
    return n, max(people(whole) - sum(map(people, own.values())), 1) if whole and n else 0


def people_of_rest(
    con: duckdb.DuckDBPyConnection, table: Iterable[Row], measure: Sequence[str], k: int
) -> dict[tuple[Any, ...], int]:
    """Count the people in none of the table's periods, by measure and persona, where those of the periods leave open whether they are k."""
    groups = _by_measure(table, measure)
    periods = sorted({period for cells in groups.values() for _, period in cells} - {"all"})
    names = ("journey", "stage", "touchpoint", "channel")
    asked = [
        dict.fromkeys(names) | dict(zip(measure, name, strict=True)) | {"persona": persona}
        for name, cells in groups.items()
        for persona in sorted({persona for persona, _ in cells})
        for n_journeys, n_people in [_rest(cells, persona, "n_journeys")]
        if n_people < k <= n_journeys
    ]
    if not asked:
        return {}
    con.register("asked", pa.Table.from_pylist(asked, pa.schema([(name, pa.string()) for name in (*names, "persona")])))
    found = run(con, PEOPLE_OF_REST, {"finest": measure[-1], "periods": periods})
    con.unregister("asked")
    return {(*row[: len(measure)], row[-2]): row[-1] for row in found}


@dataclass(frozen=True)
class Shared:
    """The KPI tables as they leave: of days and weeks only what is told; of the status every row, some emptied."""

    daily: list[dict[str, Any]]
    weekly: list[dict[str, Any]]
    status: list[dict[str, Any]]
    n_withheld: dict[str, int]
    """By table: how many rows with somebody in them are not told."""
    told: Cells
    """What is told, as (kpi, persona, time): a day, the week of a Monday, a period."""


def shared_kpis(con: duckdb.DuckDBPyConnection) -> Shared:
    """Read the KPI tables and leave out what may not be told. Which days are empty is not told of a hidden persona either."""
    k = least_people(con)
    daily, weekly, status = (rows(con, sql) for sql in (DAILY, WEEKLY, STATUS))
    kept = told_kpis(daily, weekly, status, k)
    counted = _counted(con)
    if counted.get("hours_to_success", "") == counted.get("conversion_rate"):
        kept -= {cell for cell in kept if cell[0] == "hours_to_success" and ("conversion_rate", *cell[1:]) not in kept}
    waiting = told_waiting(con, WAITING, [row for row in status if row["period"] == "all"], "kpi", "n_immature")
    told_daily = [row for row in daily if (row["kpi"], row["persona"], row["day"]) in kept]
    told_weekly = [row for row in weekly if (row["kpi"], row["persona"], week(row["week_on"])) in kept]
    told_status = withhold(
        status, lambda row: (row["kpi"], row["persona"], row["period"]) in kept, ["kpi", "persona", "period"]
    )
    for row in told_status:
        row["n_immature"] = row["n_immature"] if (row["kpi"], row["persona"], "all") in waiting else None
    n_withheld = {
        "kpi_daily": len(daily) - len(told_daily),
        "kpi_weekly": len(weekly) - len(told_weekly),
        "kpi_status": sum(
            1 for row, one in zip(status, told_status, strict=True) if one["is_withheld"] and people(row)
        ),
    }
    return Shared(told_daily, told_weekly, told_status, n_withheld, kept)


def told_waiting(
    con: duckdb.DuckDBPyConnection, people_of: str, table: Iterable[Row], measure: str, count: str
) -> Cells:
    """Choose the numbers of what is not decided yet to tell, as (measure, persona, 'all'): by the people behind them."""
    known = {(row[measure], row["persona"]): row["n_people"] for row in rows(con, people_of)}
    told_of = [
        {measure: row[measure], "persona": row["persona"], "period": "all", count: row[count]}
        | {"n_people": known.get((row[measure], row["persona"]), 0)}
        for row in table
    ]
    return told_periods(told_of, [measure], {row["persona"] for row in told_of}, least_people(con), count)


def told_totals(con: duckdb.DuckDBPyConnection, told: Cells) -> Cells:
    """Choose the cells of `journey_totals` to tell, as (journey, persona, period), beside what is `told` of the KPIs.

    Where a KPI counts the same journeys its choice stands: two choices together would tell what each of them hides.
    """
    totals, counted = rows(con, TOTALS), _counted(con)
    k = least_people(con)
    rest = people_of_rest(con, totals, ["journey"], k)
    found = told_periods(totals, ["journey"], {row["persona"] for row in totals}, k, rest=rest)
    journeys, units = _sizes(totals, "journey", "n_journeys"), _sizes(rows(con, STATUS), "kpi", "n_units")
    for kpi, journey in counted.items():
        ours = {cell for cell in found if cell[0] == journey}
        theirs = {(journey, *cell[1:]) for cell in told if cell[0] == kpi and isinstance(cell[2], str)}
        if units[kpi] == journeys[journey]:
            found |= theirs
        if kpi == "conversion_rate" or journey != counted.get("conversion_rate"):
            found -= ours - theirs
    return found


def _sizes(table: Iterable[Row], name: str, count: str) -> dict[str, dict[tuple[str, str], tuple[int, int]]]:
    """How many are counted, and of how many people, by persona and period where there is anybody."""
    found: dict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    for row in table:
        if row[count]:
            found[row[name]][row["persona"], row["period"]] = row[count], row["n_people"]
    return found


def _counted(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {row["kpi"]: row["journey"] for row in rows(con, COUNTED) if row["journey"]}


def told_kpis(daily: Iterable[Row], weekly: Iterable[Row], status: Iterable[Row], k: int) -> Cells:
    """Choose the cells to tell of all KPI tables together, as (kpi, persona, time): a day, the week of a Monday, a period.

    Days make up weeks, weeks make up periods; a week that two periods share is told where both its pieces are.
    """
    of: dict[str, tuple[list[Row], list[Row], list[Row]]] = defaultdict(lambda: ([], [], []))
    for number, table in enumerate((daily, weekly, status)):
        for row in table:
            of[row["kpi"]][number].append(row)
    return {(kpi, *cell) for kpi, tables in of.items() for cell in _told_kpi(*tables, k)}


def week(monday: date) -> tuple[str, date]:
    """Name the week of a Monday, which is a day too.

    >>> week(date(2024, 5, 6))
    ('week', datetime.date(2024, 5, 6))
    """
    return "week", monday


def _told_kpi(daily: Sequence[Row], weekly: Sequence[Row], status: Sequence[Row], k: int) -> Cells:
    spans = {
        row["period"]: (row["first_on"], row["last_on"]) for row in status if row["persona"] == ALL and row["n_units"]
    }
    size: dict[tuple[str, Time], int] = {(row["persona"], row["period"]): people(row) for row in status}
    weeks = {(row["persona"], row["week_on"]): people(row) for row in weekly}
    tree: dict[Time, dict[Time, None]] = defaultdict(dict)
    tree["all"] = dict.fromkeys(name for name in spans if name != "all")
    pieces: dict[date, set[Time]] = defaultdict(set)
    by_day: dict[tuple[str, Time], list[Row]] = defaultdict(list)
    # Days of before all that is counted are frozen: no sum holds them, so that each stands for itself.
    first = spans["all"][0] if "all" in spans else date.max
    past = {row["day"]: dict[tuple[str, Time], int]() for row in daily if row["day"] < first}
    for row in daily:
        if row["day"] in past:
            past[row["day"]][row["persona"], row["day"]] = people(row)
            continue
        day, monday = row["day"], row["day"] - timedelta(row["day"].weekday())
        period = next((name for name, (first, last) in spans.items() if name != "all" and first <= day <= last), REST)
        piece = (*week(monday), period)
        tree["all"][period] = tree[period][piece] = tree[piece][day] = None
        pieces[monday].add(piece)
        size[row["persona"], day] = people(row)
        by_day[row["persona"], piece].append(row)
    # Of a piece of a week at least its busiest day is known, and at least who did not come on the other days.
    for (persona, piece), days in by_day.items():
        others = sum(sum(map(people, by_day.get((persona, one), ()))) for one in pieces[piece[1]] - {piece})
        size[persona, piece] = max(*map(people, days), weeks.get((persona, piece[1]), 0) - others, 0)
        if piece[2] == REST:
            size[persona, REST] = max(size.get((persona, REST), 0), size[persona, piece])
    kept = told(size, {time: list(parts) for time, parts in tree.items()}, "all", k)
    return {
        *(cell for day, cells in past.items() for cell in told(cells, {}, day, k)),
        *((persona, time) for persona, time in kept if isinstance(time, date) or time in spans),
        *((persona, week(day)) for persona, day in weeks if all((persona, piece) in kept for piece in pieces[day])),
        *((row["persona"], row["period"]) for row in status if row["period"] not in spans),
    }
