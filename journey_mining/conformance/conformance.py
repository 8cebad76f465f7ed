"""How journeys went beside a designed path: per stage, in total, one by one, and what they did that it does not know."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from journey_mining.conformance.alignment import aligned
from journey_mining.conformance.design import Design, designed
from journey_mining.errors import ArgumentError
from journey_mining.names import require_names
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps, opened


def conformance(steps: Steps, design: Design, by: By | None = None) -> pd.DataFrame:
    """Return the stages of a designed path with what became of each: visited, skipped, out of order, late.

    `design` lists the stages (or touchpoints, or events) in order: names, or `DesignedStage`s that say which may be
    left out or repeated, and in what time; `designed_path` reads those of a published workspace. Each journey is read
    as the designed path as well as can be (`aligned`): as few visits as possible are left over, as few required
    stages as possible missing. A visit that is chosen is the stage's; one that is left over is out of order, or, if
    the design does not know its name, inserted.

    One row per stage, in order: position, the stage (touchpoint, event), is_optional, is_repeatable, within_seconds,
    n_journeys (mature), n_people (who visited), n_visited, visited_share (of all), n_passed (journeys that visited it
    or a later one), n_skipped, skipped_share (of n_passed), n_out_of_order (journeys with such a visit),
    out_of_order_share (of all), n_timed (journeys with a designed stage before it), n_late, late_share (of n_timed;
    NULL without a limit), each share with _low and _high (95 %, clustered by person); median_seconds (from entering
    the designed stage visited before); n_open (open journeys that visited, in no other number).

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "a", "b", "b"], "person_id": ["ann"] * 3 + ["bob"] * 2,
    ...     "step_number": [1, 2, 3, 1, 2], "occurred_at": pd.to_datetime(["2024-05-01"] * 3 + ["2024-05-02"] * 2),
    ...     "stage": ["asked", "answered", "solved", "asked", "solved"]})
    >>> conformance(steps, ["asked", "answered", "solved"])[["stage", "n_visited", "n_skipped", "skipped_share"]]
          stage  n_visited  n_skipped  skipped_share
    0     asked          2          0            0.0
    1  answered          1          1            0.5
    2    solved          2          0            0.0

    See also: `total_conformance`, `journey_conformance`, `insertions`.
    """
    with _compared(steps, design, by) as analysis:
        analysis.run("conformance/conformance")
        return analysis.named_table("conformance", analysis.by)


def total_conformance(steps: Steps, design: Design, by: By | None = None) -> pd.DataFrame:
    """Return one row: how well all mature journeys fit a designed path, and all that deviates.

    n_journeys, n_people, fitness (mean of the journeys', 0 to 1), fitness_low, fitness_high, fitness_error (clustered
    by person), n_conforming (fitness 1, nothing late), conforming_share, _low, _high, and over all journeys n_skipped,
    n_unreached, n_inserted, n_out_of_order, n_late; n_open (open journeys, in no other number).

    What these are is told at `journey_conformance`, the design and how journeys are read at `conformance`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "b", "b"], "person_id": ["ann", "bob", "bob"], "step_number": [1, 1, 2],
    ...     "occurred_at": pd.to_datetime(["2024-05-01"] * 3), "stage": ["asked", "asked", "solved"]})
    >>> total_conformance(steps, ["asked", "solved"])[["fitness", "conforming_share", "n_unreached"]].round(3)
       fitness  conforming_share  n_unreached
    0    0.833               0.5            1
    """
    with _compared(steps, design, by) as analysis:
        return analysis.table("conformance/total_conformance")


def journey_conformance(steps: Steps, design: Design, by: By | None = None) -> pd.DataFrame:
    """Return, for each journey, open ones too, how it deviates from a designed path, and its fitness.

    journey_id, person_id, is_open, n_visits, n_skipped (required stages without a visit of their own, though a later
    stage has one), n_unreached (required stages after the last one visited), n_inserted (visits to what the design
    does not know), n_out_of_order (other visits that are not the designed path's: too early, too late, or again),
    n_late (stages entered later than `within`), fitness.

    fitness = 1 - (n_skipped + n_unreached + n_inserted + n_out_of_order) / (n_visits + required stages): 1 less the
    cost of the optimal alignment over that of no agreement at all (van der Aalst, Adriansyah and van Dongen, WIREs
    Data Mining and Knowledge Discovery 2, 2012). Late stages do not lower it.

    The design and how journeys are read is told at `conformance`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "b", "b"], "person_id": ["ann", "bob", "bob"], "step_number": [1, 1, 2],
    ...     "occurred_at": pd.to_datetime(["2024-05-01"] * 3), "stage": ["asked", "lost", "solved"]})
    >>> journey_conformance(steps, ["asked", "solved"]).iloc[:, [0, 4, 5, 6, 9]].round(3)
      journey_id  n_skipped  n_unreached  n_inserted  fitness
    0          a          0            1           0    0.667
    1          b          1            0           1    0.500
    """
    with _compared(steps, design, by) as analysis:
        return analysis.table("conformance/journey_conformance")


def insertions(steps: Steps, design: Design, by: By | None = None) -> pd.DataFrame:
    """Return what journeys visited that a designed path does not know, and after which designed stage.

    One row per place and name, in the order of the design, the most frequent first: after (the designed stage visited
    last before it, `(start)` before any), the stage (touchpoint, event), n_visits, n_journeys (mature), n_people, share
    (of all mature journeys), low, high (95 %, clustered by person), n_open (open journeys, in no other number).

    The design is told at `conformance`; the visits counted here are the n_inserted of `journey_conformance`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "b", "b", "b"], "person_id": ["ann", "bob", "bob", "bob"], "step_number": [1, 1, 2, 3],
    ...     "occurred_at": pd.to_datetime(["2024-05-01"] * 4), "stage": ["asked", "asked", "lost", "solved"]})
    >>> insertions(steps, ["asked", "solved"])[["after", "stage", "n_journeys", "share"]]
       after stage  n_journeys  share
    0  asked  lost           1    0.5
    """
    with _beside(steps, designed(design), by) as analysis:
        analysis.run("conformance/insertions")
        return analysis.named_table("insertions", analysis.by)


@contextmanager
def _beside(steps: Steps, stages: pd.DataFrame, by: By | None) -> Iterator[Opened]:
    """Lend a connection on which `designed` holds the stages of a design, some of which the log has."""
    names = stages["name"].tolist()
    with opened(steps, by) as analysis:
        require_names(analysis, "design", names, one_of=names)
        analysis.put("designed", stages)
        yield analysis


@contextmanager
def _compared(steps: Steps, design: Design, by: By | None) -> Iterator[Opened]:
    """Lend a connection on which `designed`, `journey_stages` and `deviations` hold how journeys went."""
    stages = designed(design)
    names = stages["name"].tolist()
    with _beside(steps, stages, by) as analysis:
        analysis.run("conformance/designed_visits")
        if not analysis.con.execute("FROM designed_visits LIMIT 1").fetchall():
            raise ArgumentError(f"design: no journey of this log visits {' or '.join(map(repr, names))}")
        variants = analysis.con.execute("FROM variants ORDER BY variant_no").fetchall()
        marks = (stages["is_optional"].tolist(), stages["is_repeatable"].tolist())
        chosen = [(variant, place) for variant, path in variants for place in aligned(path, *marks)]
        # No variant is numbered 0.
        analysis.put("chosen", pd.DataFrame(chosen or [(0, 0)], columns=["variant_no", "place"]))
        analysis.run("conformance/journey_stages")
        yield analysis
