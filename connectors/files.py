"""Any table as events: CSV, JSON lines or Parquet, gzipped or not, by a column mapping or one SELECT in the workspace."""

from collections.abc import Iterator, Mapping
from functools import partial, reduce
from pathlib import Path
from typing import Any

import duckdb
from duckdb import CoalesceOperator, ColumnExpression, ConstantExpression, Expression, FunctionExpression
from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors import inputs
from connectors.delivery import Context, Delivery
from connectors.errors import SourceChanged
from connectors.readers import load_file
from connectors.schema import PARSED_COLUMNS
from connectors.suggest import did_you_mean

OURS = {"line_no", "fault", "identity", "record_hash", "filter_reason", "event_name", "is_passive", "properties"}
FIELDS = tuple(name for name in PARSED_COLUMNS if name not in OURS)
"""What a mapping may fill."""

READER_COLUMNS = ("line_no", "raw", "fault")

MACROS = """
CREATE TEMP MACRO iso_time(written, zone) AS
    CASE WHEN regexp_matches(written, '[0-9]:[0-9]{2}.*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
        THEN timezone('UTC', TRY_CAST(written AS TIMESTAMPTZ))
        ELSE timezone('UTC', timezone(zone, TRY_CAST(written AS TIMESTAMP))) END;
CREATE TEMP MACRO unix_time(written, per_second) AS make_timestamp(CAST(TRY_CAST(written AS DECIMAL(28, 9)) * 1000000 / per_second AS BIGINT));
CREATE TEMP MACRO written_time(written, pattern, zone) AS timezone('UTC', timezone(zone, try_strptime(written, pattern)));
CREATE TEMP MACRO decimal_of(written) AS TRY_CAST(written AS DECIMAL(18, 4));
CREATE TEMP MACRO number_of(written) AS TRY_CAST(written AS DOUBLE);
CREATE TEMP MACRO boolean_of(written) AS TRY_CAST(written AS BOOLEAN);
CREATE TEMP MACRO whole_number_of(written) AS TRY_CAST(written AS BIGINT);
CREATE TEMP MACRO fault_of(name, written, value) AS CASE WHEN written IS NOT NULL AND value IS NULL THEN name END;
CREATE TEMP MACRO key_of(raw, fault, path) AS json_extract_string(CASE WHEN fault IS NULL THEN raw END, path);
CREATE TEMP MACRO source_text(value) AS nullif(CAST(value AS VARCHAR), '');
"""


class Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Const(Closed):
    """The same value for every record."""

    const: str | int | float | bool


class Time(Closed):
    """A column with instants: how they are written, and in which zone when the text does not say."""

    column: str
    format: str = "iso"
    zone: str = "UTC"


class EventName(Closed):
    """A column that names the event; the names that are passive."""

    column: str
    passive: tuple[str, ...] = ()


Value = str | Const | Time


class Config(Closed):
    """A mapping from columns to events: `fields` for all events, `events` for one each, or `event_name` from a column."""

    path: str
    fields: Mapping[str, Value] = Field(default_factory=dict)
    properties: Mapping[str, str] = Field(default_factory=dict)
    events: Mapping[str, Mapping[str, Value | bool]] = Field(default_factory=dict)
    event_name: str | EventName | None = None
    select: str | None = None

    @model_validator(mode="after")
    def maps_one_way(self) -> "Config":
        if sum(map(bool, (self.events, self.event_name, self.select))) != 1:
            raise ValueError("give exactly one of `events`, `event_name` and `select`")
        for name in [*self.fields, *(field for event in self.events.values() for field in event if field != "passive")]:
            if name not in FIELDS:
                raise ValueError(f"unknown field '{name}'{did_you_mean(name, FIELDS)}")
        for name, event in self.events.items():
            if "occurred_at" not in {*self.fields, *event}:
                raise ValueError(f"events.{name} has no `occurred_at`: name the column with its time")
        if self.event_name and "occurred_at" not in self.fields:
            raise ValueError("`fields` has no `occurred_at`: name the column with the time of the event")
        return self


def fetch(config: Config, context: Context) -> Iterator[Delivery]:
    """Offer every file that matches `path` and has not landed yet."""
    yield from inputs.deliveries(config.path, context, lambda path: partial(load_file, path=path))


def events(con: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyRelation:
    """Map the records to events: one relation for each event of the mapping, together."""
    for statement in duckdb.extract_statements(MACROS):
        con.execute(statement).fetchall()
    records = con.view("records")
    if config.select is not None:
        return con.sql(config.select)
    specs: list[tuple[Expression, Expression, Mapping[str, Any]]] = [
        (ConstantExpression(name), ConstantExpression(bool(fields.get("passive", False))), {**config.fields, **fields})
        for name, fields in config.events.items()
    ]
    if config.event_name:
        named = config.event_name if isinstance(config.event_name, EventName) else EventName(column=config.event_name)
        name = _written(records, named.column)
        passive = name.isin(*map(ConstantExpression, named.passive)) if named.passive else ConstantExpression(False)
        specs = [(name, passive, config.fields)]
    if _is_empty_file(records):
        return records.select(*(ConstantExpression(None).alias(column) for column in PARSED_COLUMNS)).limit(0)
    return reduce(duckdb.DuckDBPyRelation.union, (_one_event(records, config, *spec) for spec in specs))


def _is_empty_file(records: duckdb.DuckDBPyRelation) -> bool:
    return tuple(records.columns) == READER_COLUMNS and records.limit(1).fetchall() == []


def _one_event(
    records: duckdb.DuckDBPyRelation, config: Config, name: Expression, passive: Expression, fields: Mapping[str, Any],
) -> duckdb.DuckDBPyRelation:
    values = {field: _value(records, field, spec) for field, spec in fields.items() if field != "passive"}
    faults = [FunctionExpression("fault_of", ConstantExpression(f"bad_{_plain(field)}"), written, value)
              for field, (written, value) in values.items() if PARSED_COLUMNS[field] != "VARCHAR"]
    raw = ColumnExpression("raw")
    columns = {
        "line_no": ColumnExpression("line_no"),
        "fault": CoalesceOperator(*faults, ConstantExpression(None)),
        "identity": FunctionExpression("md5", raw),
        "record_hash": FunctionExpression("md5_number_lower", raw),
        "event_name": name,
        "is_passive": passive,
        "properties": _properties(records, config.properties),
        **{field: value for field, (_, value) in values.items()},
    }
    return records.select(*(
        columns.get(column, ConstantExpression(None)).cast(duckdb.sqltype(data_type)).alias(column)
        for column, data_type in PARSED_COLUMNS.items()
    ))


def _plain(field: str) -> str:
    """Name a fault for a person: occurred_at -> time."""
    return "time" if field.endswith("_at") else field


def _value(records: duckdb.DuckDBPyRelation, field: str, spec: Value) -> tuple[Expression, Expression]:
    """Make two expressions: the field as the source wrote it, and read as its type."""
    if isinstance(spec, Const):
        constant = ConstantExpression(spec.const)
        return constant, constant
    time = spec if isinstance(spec, Time) else Time(column=spec)
    written = _written(records, time.column)
    match PARSED_COLUMNS[field]:
        case "TIMESTAMP":
            return written, _time(written, time)
        case "DOUBLE":
            return written, FunctionExpression("number_of", written)
        case "BIGINT":
            return written, FunctionExpression("whole_number_of", written)
        case "BOOLEAN":
            return written, FunctionExpression("boolean_of", written)
        case "VARCHAR":
            return written, written
        case _:
            return written, FunctionExpression("decimal_of", written)


def _time(written: Expression, time: Time) -> Expression:
    match time.format:
        case "iso":
            return FunctionExpression("iso_time", written, ConstantExpression(time.zone))
        case "unix":
            return FunctionExpression("unix_time", written, ConstantExpression(1))
        case "unix_ms":
            return FunctionExpression("unix_time", written, ConstantExpression(1000))
        case pattern:
            return FunctionExpression("written_time", written, ConstantExpression(pattern), ConstantExpression(time.zone))


def _written(records: duckdb.DuckDBPyRelation, column: str) -> Expression:
    """Take a column as text, blank as NULL; of JSON records a key, or a path of keys with dots."""
    if tuple(records.columns) == READER_COLUMNS:
        path = "$" + "".join(f'."{key}"' for key in column.replace('"', "").split("."))
        text = FunctionExpression("key_of", ColumnExpression("raw"), ColumnExpression("fault"), ConstantExpression(path))
        return FunctionExpression("source_text", text)
    if column not in records.columns:
        known = [name for name in records.columns if name not in READER_COLUMNS]
        raise SourceChanged(f"the mapping names the column '{column}', which the file does not have{did_you_mean(column, known)} "
                            f"Its columns: {', '.join(known)}.")
    return FunctionExpression("source_text", ColumnExpression(column))


def _properties(records: duckdb.DuckDBPyRelation, properties: Mapping[str, str]) -> Expression:
    if not properties:
        return ConstantExpression(None)
    pairs = [part for name, column in properties.items() for part in (ConstantExpression(name), _written(records, column))]
    return FunctionExpression("json_object", *pairs)


def resolve(config: Config, root: Path) -> Config:
    """Read the SELECT that `select` names from its file in the workspace."""
    return config.model_copy(update={"select": (root / config.select).read_text()}) if config.select else config
