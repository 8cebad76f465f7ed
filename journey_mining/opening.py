"""How a log is made: from a published workspace, or from any table of events."""

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike, fspath
from typing import Any, NotRequired, TypedDict, Unpack

import duckdb
import pandas as pd
from duckdb import ColumnExpression, ConstantExpression, SQLExpression

from journey_mining import scripts
from journey_mining.calendar import instant, zone_of
from journey_mining.columns import column_of, require_askable
from journey_mining.errors import ArgumentError, StepsError, require_columns, unknown_name
from journey_mining.forms import given, unreadable
from journey_mining.log import Log
from journey_mining.prepared import ALPHABETS, MEMORY_LIMIT, connect, execute, load
from journey_mining.steps import ArrowTable, refuse_shared_session

OF_STEPS = ("session_id", "event_id", "channel", "order_key", "persona")
"""What a published step has besides its names and its time."""


def open(
    path: str | PathLike[str], journey: str | None = None, keep: Sequence[str] = (), memory_limit: str = MEMORY_LIMIT
) -> Log:
    """Open the steps of one journey (by default the first) of a published workspace: its current/journeys.duckdb.

    Steps have stage, touchpoint, event (its name in the source), session_id, event_id, channel, order_key, and persona (of
    their journey); `keep` names columns of the table `events` besides, such as device_type. Journeys that are open stay
    out of every rate. Days are those of the workspace's zone. The file is read once, and is free again afterwards.
    """
    keep = [name for name in _listed(keep) if name not in OF_STEPS]
    con = connect(memory_limit)
    try:
        attach = scripts.shown("ATTACH $path AS published (READ_ONLY);", {"path": fspath(path)})
        execute(con, attach)
        known = con.execute("SELECT journey FROM published.journey_definitions ORDER BY position").fetchall()
        wanted = known[0][0] if journey is None else journey
        if (wanted,) not in known:
            raise ArgumentError(f"journey: {unknown_name('journey', wanted, [name for (name,) in known])}")
        text = scripts.shown(scripts.read("base/published"), {"journey": wanted})
        execute(con, text)
        columns = ["journey_id", "person_id", "step_number", "occurred_at", *ALPHABETS, "outcome", *OF_STEPS]
        steps, events = con.table("published_steps"), con.table("published.events")
        require_askable("keep", keep, events.columns, taken=ALPHABETS)
        if keep:
            kept = events.select(*map(ColumnExpression, ("event_no", *keep)))
            steps = steps.join(kept, "event_no", how="left")
        source = steps.select(*map(ColumnExpression, (*columns, *keep)))
        source.create_view("source")
        ((as_of, zone),) = con.execute("FROM published_observed").fetchall()
        orders = _orders(con)
        origin = (attach, text, f"CREATE OR REPLACE TEMP VIEW source AS {source.sql_query()};")
        log = load(con, origin, ALPHABETS, (*OF_STEPS, *keep), has_outcome=True, as_of=as_of)
        execute(
            con, "DROP VIEW published_steps; DROP VIEW published_observed; DROP VIEW published_order; DETACH published"
        )
        return Log(**vars(log) | {"zone": zone, "orders": orders})
    except duckdb.Error as error:
        raise StepsError(
            f"{fspath(path)}: cannot be read as a published workspace ({error}); give its journeys.duckdb"
        ) from error


def _listed(names: str | Sequence[str]) -> list[str]:
    """Return names once each, in order."""
    return list(dict.fromkeys([names] if isinstance(names, str) else names))


def _orders(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    rows = con.execute("SELECT alphabet, name FROM published_order ORDER BY position, place").fetchall()
    return {by: tuple(name for alphabet, name in rows if alphabet == by) for by in ("stage", "touchpoint")}


class Columns(TypedDict):
    """Which columns of a table of events are what, and what else a log shall know."""

    person: str
    event: str
    time: str
    session: NotRequired[str | None]
    keep: NotRequired[Sequence[str]]
    as_of: NotRequired[str | date | None]
    zone: NotRequired[str]
    memory_limit: NotRequired[str]


def _known(function: str, columns: Columns) -> Columns:
    """Return the words that say what is what; raise `TypeError`, in the name of the function asked, for others."""
    for name in columns:
        if name not in Columns.__annotations__:
            raise TypeError(f"{function}: {unknown_name('argument', name, Columns.__annotations__)}")
    for name in ("person", "event", "time"):
        if name not in columns:
            raise TypeError(f"{function}: the argument {name!r} is missing; give the name of a column")
    return columns


def from_parquet(path: str | PathLike[str], **columns: Unpack[Columns]) -> Log:
    """Make a log of the events in Parquet files (a path, or a pattern of paths): a journey is all that a person did.

    `person`, `event`, `time` and, if there is one, `session` name columns; a time without a zone is in UTC. Events at
    one instant keep the order of the file. `keep` lists columns to filter, segment or break down by. `as_of` is the
    instant (in UTC unless it says another zone) up to which events are complete, by default that of the last one: who
    entered a funnel too shortly before it is in no rate. An event without a person, a time or a name is an error, and
    so is a session of two people.
    Days are those of `zone` (an IANA name, by default UTC). Over `memory_limit` ("1.5GB") DuckDB spills to disk.

    >>> import tempfile
    >>> events = pd.DataFrame({"who": ["ann", "ann"], "what": ["search", "buy"], "at": pd.to_datetime(["2024-05-01", "2024-05-02"])})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     events.to_parquet(f"{folder}/events.parquet")
    ...     log = from_parquet(f"{folder}/*.parquet", person="who", event="what", time="at")
    >>> log.variants().table["path"][0].tolist()
    ['search', 'buy']
    """
    return _from_events(path, **_known("from_parquet", columns))


def from_pandas(frame: pd.DataFrame, **columns: Unpack[Columns]) -> Log:
    """Make a log of the events in a DataFrame; what to give besides is told at `from_parquet`.

    >>> events = pd.DataFrame({"who": ["ann", "ann", "bob"], "what": ["search", "buy", "search"],
    ...                        "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"])})
    >>> log = from_pandas(events, person="who", event="what", time="at")
    >>> log.transitions().table[["from", "to", "n_people"]].head(2)
          from      to  n_people
    0  (start)  search         2
    1      buy   (end)         1
    """
    return _from_events(frame, **_known("from_pandas", columns))


def from_arrow(table: ArrowTable, **columns: Unpack[Columns]) -> Log:
    """Make a log of the events in anything that hands out Arrow data; what to give besides is told at `from_parquet`.

    >>> import pyarrow as pa
    >>> events = pd.DataFrame({"who": ["ann", "ann"], "what": ["search", "buy"], "at": pd.to_datetime(["2024-05-01", "2024-05-02"])})
    >>> log = from_arrow(pa.Table.from_pandas(events), person="who", event="what", time="at")
    >>> log.variants().table["path"][0].tolist()
    ['search', 'buy']
    """
    return _from_events(table, **_known("from_arrow", columns))


def from_duckdb(relation: duckdb.DuckDBPyRelation, **columns: Unpack[Columns]) -> Log:
    """Make a log of a relation, `con.sql("...")`, of your own; what to give besides is told at `from_parquet`.

    >>> events = pd.DataFrame({"who": ["ann", "ann"], "what": ["search", "buy"], "at": pd.to_datetime(["2024-05-01", "2024-05-02"])})
    >>> relation = duckdb.connect().from_df(events).filter("what <> 'search'")
    >>> from_duckdb(relation, person="who", event="what", time="at").variants().table["path"][0].tolist()
    ['buy']
    """
    return _from_events(relation, **_known("from_duckdb", columns))


def _from_events(
    events: Any,
    person: str,
    event: str,
    time: str,
    session: str | None = None,
    keep: Sequence[str] = (),
    as_of: str | date | None = None,
    zone: str = "UTC",
    memory_limit: str = MEMORY_LIMIT,
) -> Log:
    con = connect(memory_limit)
    try:
        rows, origin = given(con, events, "events")
        named = {"person": person, "event": event, "time": time} | ({"session": session} if session else {})
        keep = [name for name in _listed(keep) if name != "session_id" or not session]
        require_columns("events", named.values(), rows.columns)
        require_askable("keep", keep, rows.columns, taken=ALPHABETS)
        source = _source(rows, named, keep, is_file=isinstance(events, str | PathLike))
        source.create_view("source")
        n_incomplete = execute(con, scripts.read("base/incomplete")).fetchall()[0][0]
        if n_incomplete:
            raise StepsError(f"events: {n_incomplete} rows lack {person}, {event} or {time}; leave them out")
        if session:
            refuse_shared_session(con, "events", person, session)
        origins = (origin, f"CREATE OR REPLACE TEMP VIEW source AS {source.sql_query()};")
        columns = ("session_id", *keep) if session else tuple(keep)
        known_until = None if as_of is None else instant(as_of, zone, "as_of")
        log = load(con, origins, ("event",), columns, as_of=known_until)
        return Log(**vars(log) | {"zone": zone_of(zone).key})
    except duckdb.Error as error:
        raise unreadable("events", events, error) from error


PLACE = "row_number() OVER ()"
"""The place of a row among all rows as they come."""


def _place_in_files(rows: duckdb.DuckDBPyRelation) -> str:
    """Return what tells the place of a row of Parquet files; DuckDB 1.5 does not number the files."""
    place = "(file_index::BIGINT << 40) + file_row_number"
    try:
        rows.select(SQLExpression(place))
    except duckdb.BinderException:
        return PLACE
    return place


def _source(
    rows: duckdb.DuckDBPyRelation, named: Mapping[str, str], keep: Sequence[str], is_file: bool
) -> duckdb.DuckDBPyRelation:
    """Return events as steps: a person's are one journey, in the order of time, then of the rows.

    Parquet files tell the place of a row themselves; to count rows as they come needs a reader on one core.
    """
    is_told = is_file and not {"file_index", "file_row_number"} & set(rows.columns)
    place = _place_in_files(rows) if is_told else PLACE

    def text(name: str) -> duckdb.Expression:
        return (column_of(rows, named[name]) if name in named else ConstantExpression(None)).cast("VARCHAR")

    return rows.select(
        text("person").alias("journey_id"),
        text("person").alias("person_id"),
        SQLExpression(place).alias("step_number"),
        column_of(rows, named["time"]).cast("TIMESTAMP").alias("occurred_at"),
        *(text(name).alias(name) for name in ("stage", "touchpoint")),
        text("event").alias("event"),
        text("outcome").alias("outcome"),
        *((text("session").alias("session_id"),) if "session" in named else ()),
        *(column_of(rows, name) for name in keep),
    )
