"""The cells of a journey map: rows of the published tables turned into figures and words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.kpi_words import overlap
from pipelines.pages import Figure
from pipelines.wording import and_people, counted, duration, interval, percent

Row = Mapping[str, Any]
SHOWN = 3
"""How many touchpoints, next steps and pain points a cell shows before it folds the rest."""
HEIGHT = 88.0
"""Height of the tallest block, in pixels."""
ENDS = {
    "(success)": ("success", "ends, with success"),
    "(dropped)": ("leave", "leaves for good"),
    "(active)": ("active", "ends, still active"),
}


@dataclass(frozen=True)
class Line:
    """One line of a cell: a name, a figure, and what to draw with it."""

    label: str
    figure: Figure
    share: float
    sign: str = ""
    channel: str = ""
    hue: int = 0


@dataclass(frozen=True)
class Folded:
    """The first lines of a cell; the rest, folded; and in sum those not named: of too few people, or giving such away."""

    lines: Sequence[Any]
    rest: Sequence[Any]
    unnamed: str


@dataclass(frozen=True)
class Reach:
    """How many journeys reach a stage and leave there for good; lengths in pixels from the top of the drawing."""

    size: Figure
    """The people, or the journeys where no person is known."""
    share: Figure
    journeys: str
    dropoff: Figure
    dropoff_counted: str
    starts: Figure | None
    block: float
    kept: float
    onward: float
    alt: str


def reach(
    label: str, row: Row, n_all: int, tallest: int, onward: int | None, start: Row | None, previous: Row | None
) -> Reach:
    """Draw a stage: `onward` of all `n_all` journeys go directly to the next stage of the map, where that is told.

    Heights are to one scale: the stage that most journeys reach, `tallest`, fills the drawing.
    """
    key = _key(row, "journey", "stage", "persona", "period")
    left, lost = row["n_journeys"] / n_all, row["n_dropped"] / n_all
    before = ""
    if previous and previous["dropoff_rate"] is not None and row["period"] == "current":
        pair = [{"low": one["dropoff_low"], "high": one["dropoff_high"]} for one in (row, previous)]
        before = f"{percent(previous['dropoff_rate'])} in the period before; {overlap(*pair)}"
    journeys = counted(row["n_journeys"], "journey")
    pixels = HEIGHT / tallest
    block = max(2.0, row["n_journeys"] * pixels)
    return Reach(
        size=_size(row, label, key),
        share=Figure(
            percent(row["share_of_journeys"]),
            f"Journeys that reach {label}",
            "stage_dropoff",
            "share_of_journeys",
            key,
            row["share_of_journeys"],
            interval(row["share_low"], row["share_high"]),
            f"{row['n_journeys']:,} of {counted(n_all, 'mature journey')}{and_people(row['n_people'])}",
        ),
        journeys=journeys,
        dropoff=Figure(
            percent(row["dropoff_rate"]),
            f"Journeys that leave for good at {label}",
            "stage_dropoff",
            "dropoff_rate",
            key,
            row["dropoff_rate"],
            interval(row["dropoff_low"], row["dropoff_high"]),
            f"{row['n_dropped']:,} of {journeys}{and_people(row['n_people'])}",
            before,
        ),
        dropoff_counted=f"{row['n_dropped']:,} of {row['n_journeys']:,}",
        starts=None
        if start is None
        else Figure(
            percent(start["probability"]),
            f"Journeys that start at {label}",
            "transitions",
            "probability",
            _key(start, "journey", "persona", "period", "from_stage", "to_stage"),
            start["probability"],
            interval(start["probability_low"], start["probability_high"]),
            f"{start['n_journeys']:,} of {counted(n_all, 'mature journey')}",
        ),
        block=round(block, 1),
        kept=round(block - row["n_dropped"] * pixels, 1),
        onward=round((onward or 0) * pixels, 1),
        alt=f"{percent(left)} of all journeys reach {label}; {percent(lost)} of all leave for good here"
        + ("." if onward is None else f"; {percent(onward / n_all)} go on to the next stage."),
    )


def _size(row: Row, label: str, key: Mapping[str, str]) -> Figure:
    if row["n_people"]:
        return Figure(
            counted(row["n_people"], "person", "people"),
            f"People who reach {label}",
            "stage_dropoff",
            "n_people",
            key,
            row["n_people"],
        )
    return Figure(
        counted(row["n_journeys"], "journey"),
        f"Journeys that reach {label}",
        "stage_dropoff",
        "n_journeys",
        key,
        row["n_journeys"],
    )


def doing(rows: Iterable[Row], label: str, names: Mapping[str, str], hues: Mapping[str, int]) -> Folded:
    """The touchpoints of a stage, most used first."""
    told, unnamed = _split(rows)
    ordered = sorted(told, key=lambda row: (-row["n_journeys"], row["touchpoint"], row["channel"]))
    return _fold(
        [
            Line(
                names.get(row["touchpoint"], row["touchpoint"]),
                Figure(
                    percent(row["share_of_journeys"]),
                    f"Journeys at {label} that touch {names.get(row['touchpoint'], row['touchpoint'])}"
                    + (f", channel {row['channel']}" if row["channel"] else ""),
                    "stage_touchpoint_use",
                    "share_of_journeys",
                    _key(row, "journey", "stage", "persona", "period", "touchpoint", "channel"),
                    row["share_of_journeys"],
                    interval(row["share_low"], row["share_high"]),
                    f"{_of_all(row['n_journeys'], row['share_of_journeys'], 'journey')}{and_people(row['n_people'])}, "
                    + counted(row["n_steps"], "step"),
                ),
                row["share_of_journeys"] or 0.0,
                channel=row["channel"] or "",
                hue=hues.get(row["channel"], 0),
            )
            for row in ordered
        ],
        _unnamed(len(unnamed), "touchpoint", bool(told)),
    )


def _of_all(n: int, share: float, what: str) -> str:
    """Say a number beside what it is a share of.

    >>> _of_all(45, 0.15, "visit")
    '45 of 300 visits'
    """
    return f"{n:,} of {counted(round(n / share), what)}" if share else counted(n, what)


def times(row: Row, label: str) -> tuple[Figure, Figure]:
    """The median and the 90th percentile of the time in a stage."""
    key, visits = _key(row, "journey", "stage", "persona", "period"), counted(row["n_visits"], "visit")
    return (
        Figure(
            duration(row["median_seconds"]),
            f"Median time in {label}",
            "stage_dropoff",
            "median_seconds",
            key,
            row["median_seconds"],
            counted=visits,
        ),
        Figure(
            duration(row["p90_seconds"]),
            f"90th percentile of the time in {label}",
            "stage_dropoff",
            "p90_seconds",
            key,
            row["p90_seconds"],
            counted=visits,
        ),
    )


def nexts(rows: Iterable[Row], label: str, positions: Mapping[str, int], labels: Mapping[str, str]) -> Folded:
    """Where visits to a stage lead, most likely first."""
    moves = [row for row in rows if row["n_transitions"]]
    told, unnamed = _split(moves)
    ordered = sorted(told, key=lambda row: (-row["n_transitions"], row["to_stage"]))
    lines = []
    for row in ordered:
        to = row["to_stage"]
        here, there = positions.get(row["from_stage"], 0), positions.get(to, 0)
        sign, name = ENDS.get(to, ("back" if there < here else "next", labels.get(to, to)))
        handover = f"median {duration(row['median_seconds'])} on the way" if row["median_seconds"] is not None else ""
        lines.append(
            Line(
                name,
                Figure(
                    percent(row["probability"]),
                    f"After a visit to {label}: {name}",
                    "transitions",
                    "probability",
                    _key(row, "journey", "persona", "period", "from_stage", "to_stage"),
                    row["probability"],
                    interval(row["probability_low"], row["probability_high"]),
                    f"{_of_all(row['n_transitions'], row['probability'], 'visit')}{and_people(row['n_people'])}",
                    handover,
                ),
                row["probability"] or 0.0,
                sign,
            )
        )
    n_visits = sum(row["n_transitions"] for row in moves)
    n_unnamed = sum(row["n_transitions"] for row in unnamed)
    share = f", {percent(n_unnamed / n_visits)}" if n_unnamed else ""
    return _fold(lines, _unnamed(len(unnamed), "way", bool(told), share))


def _split(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The rows that are named, and those that are not."""
    found = list(rows)
    return [row for row in found if not row["is_rare"]], [row for row in found if row["is_rare"]]


def _unnamed(number: int, what: str, is_beside: bool, share: str = "") -> str:
    """Say how many are not named; they need be neither rare nor few.

    >>> _unnamed(4, "way", True, ", 41.9%"), _unnamed(1, "touchpoint", False), _unnamed(0, "way", True, ", 0%")
    ('4 other ways, 41.9%, not named', '1 touchpoint, not named', '')
    """
    return f"{counted(number, f'other {what}' if is_beside else what)}{share}, not named" if number else ""


def _fold(lines: Sequence[Line], unnamed: str) -> Folded:
    """Fold all but the first lines; a single one more is shown."""
    shown = SHOWN + 1 if len(lines) == SHOWN + 1 else SHOWN
    return Folded(lines[:shown], lines[shown:], unnamed)


def _key(row: Row, *names: str) -> dict[str, str]:
    return {name: str(row[name]) for name in names}
