"""A designed path: the stages that a journey is meant to go through, in order."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from os import PathLike, fspath

import duckdb
import pandas as pd

from journey_mining import scripts
from journey_mining.durations import duration
from journey_mining.errors import ArgumentError, StepsError, unknown_name


@dataclass(frozen=True)
class DesignedStage:
    """A stage (or touchpoint, or event) of a designed path.

    One that is `optional` may be left out; one that is `repeatable` may be visited again before the path goes on.
    `within`, such as "2d", is the longest time from entering the designed stage that was visited before it to entering
    this one, both included.

    >>> DesignedStage("answered", within="4h")
    DesignedStage(name='answered', optional=False, repeatable=False, within='4h')
    """

    name: str
    optional: bool = False
    repeatable: bool = False
    within: str | timedelta | None = None


Design = Sequence[DesignedStage | str]
"""The stages of a designed path in order; a name alone is one that is neither optional nor repeatable."""


def designed_path(path: str | PathLike[str], journey: str | None = None) -> list[DesignedStage]:
    """Return the designed path of one journey (by default the first) of a published workspace: its journeys.duckdb.

    The stages are those of its journey.yaml, with what that says of them: `optional`, `repeatable`, `within`.

    >>> from tempfile import TemporaryDirectory
    >>> published = '''
    ...     CREATE TABLE journey_definitions AS FROM (VALUES ('buying', 1)) AS t(journey, position);
    ...     CREATE TABLE stages AS FROM (VALUES ('buying', 'look', 1, false, true, NULL), ('buying', 'pay', 2, false, false, 3600))
    ...         AS t(journey, stage, position, is_optional, is_repeatable, within_seconds);'''
    >>> with TemporaryDirectory() as folder:
    ...     with duckdb.connect(f"{folder}/journeys.duckdb") as con:
    ...         _ = con.execute(published)
    ...     for stage in designed_path(f"{folder}/journeys.duckdb"):
    ...         print(stage)
    DesignedStage(name='look', optional=False, repeatable=True, within=None)
    DesignedStage(name='pay', optional=False, repeatable=False, within=datetime.timedelta(seconds=3600))
    """
    try:
        with closing(duckdb.connect()) as con:
            con.execute(scripts.shown("ATTACH $path AS published (READ_ONLY)", {"path": fspath(path)}))
            stages = con.execute(scripts.read("conformance/published_stages")).fetchall()
    except duckdb.Error as error:
        raise StepsError(
            f"{fspath(path)}: no designed path can be read ({error}); give a journeys.duckdb published by this version"
        ) from error
    known = list(dict.fromkeys(of for of, *_ in stages))
    wanted = known[0] if journey is None else journey
    if wanted not in known:
        raise ArgumentError(f"journey: {unknown_name('journey', wanted, known)}")
    return [
        DesignedStage(name, optional, repeatable, None if within is None else timedelta(seconds=within))
        for of, name, optional, repeatable, within in stages
        if of == wanted
    ]


def designed(design: Design) -> pd.DataFrame:
    """Return a designed path as a table, one row per position, from 1; raise `ArgumentError` where it is none."""
    if isinstance(design, str) or not design:
        raise ArgumentError(f"design: give a list of at least one stage, not {design!r}")
    for stage in design:
        if not isinstance(stage, str | DesignedStage):
            raise ArgumentError(f"design: a stage is a name or a DesignedStage, not {stage!r}")
    stages = [DesignedStage(stage) if isinstance(stage, str) else stage for stage in design]
    names = [stage.name for stage in stages]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"design: {name!r} is there twice; a stage has one place, mark it as repeatable")
    rows = [
        (position, stage.name, stage.optional, stage.repeatable, _within_seconds(stage))
        for position, stage in enumerate(stages, 1)
    ]
    columns = ["position", "name", "is_optional", "is_repeatable", "within_seconds"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _within_seconds(stage: DesignedStage) -> float | None:
    if stage.within is None:
        return None
    return duration(stage.within, f"within of {stage.name!r}").total_seconds()
