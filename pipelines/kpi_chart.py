"""A KPI over days, as the geometry of an inline SVG: the line, its interval, the target, and gaps where nothing was counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, isclose, log10
from statistics import median
from typing import Any

from pipelines.kpi_words import plain
from pipelines.wording import day, interval, measure

Row = Mapping[str, Any]
WIDTH, HEIGHT = 1000, 150
"""The drawing's own units; across it is stretched to the card, down they are pixels."""
DAYS_SHOWN = 92
"""The latest days that are drawn; kpi_daily has them all."""


@dataclass(frozen=True)
class Chart:
    """What the template draws; x in 0..WIDTH, y in 0..HEIGHT from the top."""

    closed: str
    open: str
    bands: list[str]
    dots: str
    open_dots: str
    target: float | None
    target_label: str
    ticks: list[tuple[float, str]]
    dates: list[tuple[float, str, str]]
    hits: list[tuple[float, float, str]]
    days: list[tuple[date, str, str, str, str]]
    n_left_out: int
    by: str
    alt: str


def chart(target: Row, rows: Sequence[Row], every: int = 1) -> Chart | None:
    """Draw a KPI's days, in order, or points of each so many days; None where none has a value."""
    shown = [row for row in rows if rows[-1]["day"] - row["day"] < timedelta(days=DAYS_SHOWN)] if rows else []
    told = [row for row in shown if row["value"] is not None]
    if not told:
        return None
    unit, first, last = target["unit"], told[0]["day"], told[-1]["day"]
    axis = "days" if unit == "hours" and median(row["value"] for row in told) >= 48 else unit
    low, high, step = scale(told, target["target"], axis)
    n_days, by = max(1, (last - first).days), "week" if every == 7 else "day"

    def x(row: Row) -> float:
        return round(8 + (WIDTH - 16) * ((row["day"] - first).days / n_days if last > first else 0.5), 1)

    def y(value: float) -> float:
        return round(HEIGHT - HEIGHT * (min(max(value, low), high) - low) / (high - low), 1)

    points = {row["day"]: (x(row), y(row["value"])) for row in told}
    closed = [row for row in told if row["is_closed"]]
    n_ticks, goal = round((high - low) / step), target["target"]
    line = y(goal) if goal is not None and low <= goal <= high else None
    return Chart(
        closed=" ".join(_path([points[row["day"]] for row in run]) for run in runs(closed, every)),
        open=" ".join(
            _path([points[row["day"]] for row in run])
            for run in runs(told, every)
            if not all(row["is_closed"] for row in run)
        ),
        bands=[
            _band(run, x, y)
            for run in runs((row for row in told if row["low"] is not None and row["high"] is not None), every)
        ],
        dots=_dots(points[row["day"]] for row in closed),
        open_dots=_dots(points[row["day"]] for row in told if not row["is_closed"]),
        target=line,
        target_label=_target_label(goal, low, high, unit),
        ticks=[(y(low + step * number), tick(low + step * number, step, axis)) for number in range(n_ticks + 1)],
        dates=[(100 * x(row) / WIDTH, day(row["day"]).rsplit(" ", 1)[0], anchor) for row, anchor in _dated(told)],
        hits=[
            (round(x(row) - WIDTH * every / n_days / 2, 1), round(WIDTH * every / n_days, 1), _say(row, unit, by))
            for row in told
        ],
        days=[_numbers(row, unit) for row in shown],
        n_left_out=len(rows) - len(shown),
        by=by,
        alt=_alt(target["label"], told, unit, by),
    )


def scale(rows: Iterable[Row], target: float | None, unit: str) -> tuple[float, float, float]:
    """The axis: its ends and the step between ticks, around the values, most of the intervals, and the target unless that is far off.

    All are hours where the unit is days.

    >>> scale([{"value": 0.84, "low": 0.8, "high": 0.88}, {"value": 0.9, "low": 0.85, "high": 0.93}], 0.8, "share")
    (0.75, 0.95, 0.05)
    >>> scale([{"value": 60, "low": 48, "high": 90}, {"value": 100, "low": 72, "high": 180}], None, "days")
    (0.0, 192.0, 48.0)

    Where all of it is one value, the axis begins or ends at 0; where that is 0 itself, it ends at 1. A share ends at 1.

    >>> [scale([{"value": value, "low": None, "high": None}], None, "hours") for value in (5.0, 0.0, -4.0)]
    [(0.0, 6.0, 2.0), (0.0, 1.0, 0.5), (-4.0, 0.0, 1.0)]
    >>> [scale([{"value": value, "low": value, "high": value}], None, "share") for value in (1.0, 0.84, 0.0)]
    [(0.0, 1.0, 0.5), (0.0, 1.0, 0.5), (0.0, 1.0, 0.5)]
    """
    told = list(rows)
    values = [row["value"] for row in told]
    edges = sorted(abs(edge - row["value"]) for row in told for edge in (row["low"], row["high"]) if edge is not None)
    reach = edges[int(len(edges) * 0.75)] if edges else 0.0
    low, high = max(0.0, min(values) - reach) if min(values) >= 0 else min(values) - reach, max(values) + reach
    if target is not None and (unit == "share" or low - 3 * (high - low) <= target <= high + 3 * (high - low)):
        low, high = min(low, target), max(high, target)
    if unit == "share":
        high = min(1.0, high)
    if isclose(low, high, abs_tol=1e-8):
        low, high = min(0.0, low), max(0.0, high) if abs(high) > 1e-8 else 1.0
    size = 24 if unit == "days" else 1
    step = size * nice((high - low) / 4 / size)
    return round(floor(low / step + 1e-9) * step, 9), round(ceil(high / step - 1e-9) * step, 9), step


def nice(step: float) -> float:
    """The next 1, 2 or 5 times a power of ten.

    >>> nice(0.037), nice(3)
    (0.05, 5.0)
    """
    power = 10.0 ** floor(log10(step))
    return float(round(next(size * power for size in (1, 2, 5, 10) if size * power >= step * 0.999), 9))


def tick(value: float, step: float, unit: str) -> str:
    """Label a tick with as many digits as the step has; both are hours where the unit is days.

    >>> tick(0.8, 0.05, "share"), tick(0.01, 0.005, "share"), tick(12, 4, "hours"), tick(0.5, 0.5, "hours"), tick(3.5, 0.5, "points")
    ('80%', '1.0%', '12 h', '0.5 h', '3.5')
    >>> tick(48, 48, "days"), tick(24, 24, "days"), tick(36, 12, "days")
    ('2 days', '1 day', '1.5 days')
    """
    times, name = {"share": (100, "%"), "hours": (1, " h"), "days": (1 / 24, " days")}.get(unit, (1, ""))
    digits = max(0, -floor(log10(step * times) + 1e-9))
    text = f"{value * times:.{digits}f}"
    return f"{text} day" if (text, name) == ("1", " days") else text + name


def runs(rows: Iterable[Row], every: int = 1) -> Iterator[list[Row]]:
    """Split points that are so many days apart into runs without a gap."""
    run: list[Row] = []
    for row in rows:
        if run and row["day"] - run[-1]["day"] > timedelta(days=every):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _target_label(goal: float | None, low: float, high: float, unit: str) -> str:
    """Name the target; an arrow says that its line lies beyond the drawing."""
    if goal is None:
        return ""
    beyond = " ↑" if goal > high else " ↓" if goal < low else ""
    return f"target {plain(goal, unit)}{beyond}"


def _numbers(row: Row, unit: str) -> tuple[date, str, str, str, str]:
    """A day as a row of the table below the drawing."""
    return (
        row["day"],
        measure(row["value"], unit),
        interval(row["low"], row["high"], unit),
        f"{row['n_units']:,}",
        "closed" if row["is_closed"] else "open",
    )


def _alt(label: str, told: Sequence[Row], unit: str, by: str) -> str:
    """The drawing in words."""
    values = [row["value"] for row in told]
    return (
        f"{label} from {_when(told[0], by)} to {_when(told[-1], by)}: from {measure(values[0], unit)} to {measure(values[-1], unit)}, "
        f"lowest {measure(min(values), unit)}, highest {measure(max(values), unit)}."
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _dots(points: Iterable[tuple[float, float]]) -> str:
    """Points as lines of no length: their round ends stay round however the drawing is stretched."""
    return "".join(f"M{x} {y}h0" for x, y in points)


def _band(run: Sequence[Row], x: Any, y: Any) -> str:
    there = [(x(row), y(row["high"])) for row in run]
    back = [(x(row), y(row["low"])) for row in reversed(run)]
    if len(run) == 1:
        (middle, top), (_, bottom) = there[0], back[0]
        there, back = [(middle - 4, top), (middle + 4, top)], [(middle + 4, bottom), (middle - 4, bottom)]
    return _path([*there, *back]) + "Z"


def _dated(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """The first, the middle and the last day, and how their labels are anchored."""
    if len(rows) == 1:
        return [(rows[0], "middle")]
    ends = [(rows[0], "start"), (rows[-1], "end")]
    return [ends[0], (rows[len(rows) // 2], "middle"), ends[1]] if len(rows) > 4 else ends


def _when(row: Row, by: str) -> str:
    return f"{'the week of ' if by == 'week' else ''}{day(row['day'])}"


def _say(row: Row, unit: str, by: str) -> str:
    edges = interval(row["low"], row["high"], unit)
    tail = "" if row["is_closed"] else f", {by} still open"
    return (
        f"{_when(row, by)}: {measure(row['value'], unit)}{f' ({edges})' if edges else ''}, n = {row['n_units']:,}{tail}"
    )
