"""Any table as events: CSV, JSON lines or Parquet, gzipped or not, by a column mapping or one SELECT in the workspace."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import or_
from pathlib import Path
from typing import Any

import duckdb
from duckdb import CoalesceOperator, ColumnExpression, ConstantExpression, Expression, FunctionExpression

from connectors import inputs
from connectors.csv_records import likely_delimiter
from connectors.delivery import RECORD_SCHEMA, Context, Delivery
from connectors.errors import ConnectorError, SourceChanged
from connectors.mapping import Config, Const, EventName, Time, Value
from connectors.readers import load_file
from connectors.schema import PARSED_COLUMNS
from connectors.suggest import did_you_mean

READER_COLUMNS = tuple(RECORD_SCHEMA.names)
SHAPE_FAULT = "fault of shape"
"""The column of JSON records that says whether a key that fills a field holds more than a value."""

# An ISO time is a day and perhaps a time of day and perhaps an offset, and nothing else: DuckDB's cast alone would pass
# over an offset by name, and over PM.  Of the seconds since 1970, those beyond the range of a TIMESTAMP are no time.
MACROS = """
CREATE OR REPLACE TEMP MACRO with_seconds(written) AS regexp_replace(written, '([T ][0-9]{1,2}:[0-9]{2})([+-])', '\\1:00\\2');
CREATE OR REPLACE TEMP MACRO with_offset(written) AS
    with_seconds(regexp_replace(regexp_replace(upper(written), ' ?(Z|UTC|GMT)$', '+00'), ' ([+-])', '\\1'));
CREATE OR REPLACE TEMP MACRO clock() AS '[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?';
CREATE OR REPLACE TEMP MACRO is_day_and(written, rest) AS regexp_full_match(written, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}' || rest);
CREATE OR REPLACE TEMP MACRO is_usual(written) AS
    regexp_full_match(written, '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z');
CREATE OR REPLACE TEMP MACRO iso_time(written, zone) AS CASE
    WHEN is_usual(written) THEN TRY_CAST(written AS TIMESTAMP)
    WHEN is_day_and(written, '(' || clock() || ')?') THEN timezone('UTC', timezone(zone, TRY_CAST(written AS TIMESTAMP)))
    WHEN is_day_and(with_offset(written), clock() || '[+-][0-9]{2}(:?[0-9]{2})?')
        THEN timezone('UTC', TRY_CAST(with_offset(written) AS TIMESTAMPTZ)) END;
CREATE OR REPLACE TEMP MACRO microseconds(written, per_second) AS TRY_CAST(TRY_CAST(written AS DECIMAL(28, 9)) * 1000000 / per_second AS BIGINT);
CREATE OR REPLACE TEMP MACRO unix_time(written, per_second) AS
    CASE WHEN abs(microseconds(written, per_second)) < 9000000000000000000 THEN make_timestamp(microseconds(written, per_second)) END;
CREATE OR REPLACE TEMP MACRO local_time(written, pattern, zone) AS timezone('UTC', timezone(zone, try_strptime(written, pattern)));
CREATE OR REPLACE TEMP MACRO zoned_time(written, pattern) AS timezone('UTC', try_strptime(written, pattern));
CREATE OR REPLACE TEMP MACRO decimal_of(written) AS TRY_CAST(written AS DECIMAL(18, 4));
CREATE OR REPLACE TEMP MACRO number_of(written) AS CASE WHEN isfinite(TRY_CAST(written AS DOUBLE)) THEN TRY_CAST(written AS DOUBLE) END;
CREATE OR REPLACE TEMP MACRO boolean_of(written) AS TRY_CAST(written AS BOOLEAN);
CREATE OR REPLACE TEMP MACRO whole_number_of(written) AS TRY_CAST(written AS BIGINT);
CREATE OR REPLACE TEMP MACRO fault_of(name, is_given, value) AS CASE WHEN is_given AND value IS NULL THEN name END;
CREATE OR REPLACE TEMP MACRO keys_of(raw, fault, paths) AS json_extract_string(CASE WHEN fault IS NULL THEN raw END, paths);
CREATE OR REPLACE TEMP MACRO is_nested(raw, path, value) AS
    CASE WHEN starts_with(value, '{') OR starts_with(value, '[') THEN json_type(raw, path) IN ('OBJECT', 'ARRAY') ELSE FALSE END;
CREATE OR REPLACE TEMP MACRO shape_fault_of(is_nested) AS CASE WHEN is_nested THEN 'wrong_shape' END;
CREATE OR REPLACE TEMP MACRO identity_of(raw, event_id) AS CASE WHEN event_id IS NULL THEN md5(raw) END;
CREATE OR REPLACE TEMP MACRO source_text(value) AS nullif(CAST(value AS VARCHAR), '');
CREATE OR REPLACE TEMP MACRO id_of_part(event_id, event_name) AS event_id || ':' || event_name;
"""


def fetch(config: Config, context: Context) -> Iterator[Delivery]:
    """Offer every file that matches `path` and has not landed yet."""
    yield from inputs.deliveries(
        config.path,
        context,
        lambda path: partial(load_file, path=path, max_bytes=config.max_bytes, delimiter=config.delimiter),
    )


def events(con: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyRelation:
    """Map the records to events: one relation for each event of the mapping, together."""
    records = con.view("records")
    if _is_empty_file(records):
        return records.select(*(ConstantExpression(None).alias(column) for column in PARSED_COLUMNS)).limit(0)
    if config.select is not None:
        return _selected(con, config.select)
    records = mapped_records(con, config)
    specs: list[tuple[Expression, Expression, Mapping[str, Any]]] = [
        (ConstantExpression(name), ConstantExpression(bool(fields.get("passive", False))), {**config.fields, **fields})
        for name, fields in config.events.items()
    ]
    if config.event_name:
        named = config.event_name if isinstance(config.event_name, EventName) else EventName(column=config.event_name)
        name = _written(records, named.column)
        passive = name.isin(*map(ConstantExpression, named.passive)) if named.passive else ConstantExpression(False)
        specs = [(name, passive, config.fields)]
    filled = list(dict.fromkeys(field for *_, fields in specs for field in fields if field != "passive"))
    return reduce(duckdb.DuckDBPyRelation.union, (_one_event(records, config, filled, *spec) for spec in specs))


def mapped_records(con: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyRelation:
    """Give the records, of JSON with the keys that the mapping names, on a connection that can read their values."""
    for statement in duckdb.extract_statements(MACROS):
        con.execute(statement).fetchall()
    records = con.view("records")
    is_json = tuple(records.columns) == READER_COLUMNS
    if not is_json:
        return records
    texts = {column for where, column in config.columns.items() if where[0] != "properties"}
    return _with_keys(records, list(dict.fromkeys(config.columns.values())), texts)


def _is_empty_file(records: duckdb.DuckDBPyRelation) -> bool:
    return tuple(records.columns) == READER_COLUMNS and records.limit(1).fetchall() == []


def _selected(con: duckdb.DuckDBPyConnection, select: str) -> duckdb.DuckDBPyRelation:
    body, _, rest = select.rpartition(";")
    if all(not line.strip() or line.lstrip().startswith("--") for line in rest.splitlines()):
        select = body or select
    try:
        statements = con.extract_statements(select)
        if [statement.type for statement in statements] == [duckdb.StatementType.SELECT]:
            return con.sql(select)
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
        hint = delimiter_hint(con.view("records").columns[len(READER_COLUMNS) :])
        raise SourceChanged(f"`select` does not fit the file ({str(error).splitlines()[0]}).{hint}") from error
    raise SourceChanged("`select` must hold one SELECT from records and nothing else.")


def _one_event(
    records: duckdb.DuckDBPyRelation,
    config: Config,
    filled: Sequence[str],
    name: Expression,
    passive: Expression,
    fields: Mapping[str, Any],
) -> duckdb.DuckDBPyRelation:
    nothing = ConstantExpression(None), ConstantExpression(None)
    values = {field: value_of(records, field, fields[field]) if field in fields else nothing for field in filled}
    if len(config.events) > 1 and "event_id" in fields:
        # The row's id is that of several events, and each needs its own.
        part = FunctionExpression("id_of_part", values["event_id"][1], name)
        values["event_id"] = (part, part)
    raw = ColumnExpression("raw")
    event_id = values["event_id"][1] if "event_id" in values else ConstantExpression(None)
    columns = {
        "line_no": ColumnExpression("line_no"),
        "identity": FunctionExpression("identity_of", raw, event_id),
        "record_hash": FunctionExpression("md5_number_lower", raw),
        "event_name": name,
        "is_passive": passive,
        "properties": _properties(records, config.properties),
        **{field: value for field, (_, value) in values.items()},
    }
    typed = [field for field in values if PARSED_COLUMNS[field] != "VARCHAR"]
    read = records.select(
        *(value.cast(duckdb.sqltype(PARSED_COLUMNS[column])).alias(column) for column, value in columns.items()),
        *(values[field][0].isnotnull().alias(f"has {field}") for field in typed),
        (ColumnExpression(SHAPE_FAULT) if SHAPE_FAULT in records.columns else ConstantExpression(None)).alias(
            SHAPE_FAULT
        ),
    )
    return read.select(*columns, CoalesceOperator(*map(_fault, typed), ColumnExpression(SHAPE_FAULT)).alias("fault"))


def _fault(field: str) -> Expression:
    """Find a value that is given and could not be read; by name, for a value that is looked at twice would be read twice."""
    called = "time" if field.endswith("_at") else field
    is_given, value = ColumnExpression(f"has {field}"), ColumnExpression(field)
    return FunctionExpression("fault_of", ConstantExpression(f"bad_{called}"), is_given, value)


def value_of(records: duckdb.DuckDBPyRelation, field: str, spec: Value) -> tuple[Expression, Expression]:
    """Make two expressions: the field as the source wrote it, and read as its type."""
    if isinstance(spec, Const):
        written = FunctionExpression("source_text", ConstantExpression(spec.const))
    else:
        written = _written(records, spec.column if isinstance(spec, Time) else str(spec))
    match PARSED_COLUMNS[field]:
        case "TIMESTAMP":
            return written, time_of(written, spec if isinstance(spec, Time) else Time(column=""))
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


def time_of(written: Expression, time: Time) -> Expression:
    match time.format:
        case "iso":
            return FunctionExpression("iso_time", written, ConstantExpression(time.zone))
        case "unix":
            return FunctionExpression("unix_time", written, ConstantExpression(1))
        case "unix_ms":
            return FunctionExpression("unix_time", written, ConstantExpression(1000))
        case pattern if re.search("%z", pattern, re.IGNORECASE):
            return FunctionExpression("zoned_time", written, ConstantExpression(pattern))
        case pattern:
            return FunctionExpression("local_time", written, ConstantExpression(pattern), ConstantExpression(time.zone))


def _with_keys(records: duckdb.DuckDBPyRelation, keys: list[str], texts: Collection[str]) -> duckdb.DuckDBPyRelation:
    """Give JSON records a column for each key, or path of keys with dots: all of them in one reading of the text.

    One of `texts` that is an object or an array is a fault: no field of an event is.
    """
    paths = ["$" + "".join(f'."{part}"' for part in key.replace('"', "").split(".")) for key in keys]
    found = FunctionExpression("keys_of", ColumnExpression("raw"), ColumnExpression("fault"), ConstantExpression(paths))
    values = (_key(number).alias(f"key {key}") for number, key in enumerate(keys, 1))
    is_nested = [
        FunctionExpression("is_nested", ColumnExpression("raw"), ConstantExpression(path), _key(number))
        for number, (key, path) in enumerate(zip(keys, paths, strict=True), 1)
        if key in texts
    ]
    shape_fault = FunctionExpression("shape_fault_of", reduce(or_, is_nested, ConstantExpression(False)))
    read = records.select(*READER_COLUMNS, found.alias("found")).select(
        *map(ColumnExpression, READER_COLUMNS), shape_fault.alias(SHAPE_FAULT), *values
    )
    return read.set_alias("records")


def _key(number: int) -> Expression:
    return FunctionExpression("list_extract", ColumnExpression("found"), ConstantExpression(number))


def _written(records: duckdb.DuckDBPyRelation, column: str) -> Expression:
    """Take a column as text, blank as NULL; of JSON records a key, or a path of keys with dots."""
    known = [name for name in records.columns if name not in (*READER_COLUMNS, SHAPE_FAULT)]
    if (key := f"key {column}") in known:
        return FunctionExpression("source_text", _column(key))
    if column not in known:
        raise SourceChanged(absent(column, known))
    return FunctionExpression("source_text", _column(column))


def absent(column: str, known: Sequence[str]) -> str:
    """Say that the file has no such column, and what was meant."""
    return (
        f"the mapping names the column '{column}', which the file does not have{did_you_mean(column, known)} "
        f"Its columns: {', '.join(known)}.{delimiter_hint(known)}"
    )


def delimiter_hint(columns: Sequence[str]) -> str:
    """Continue an error sentence where the names of the columns look like a header that was cut at the wrong character."""
    if (delimiter := likely_delimiter(columns)) is None:
        return ""
    written = "\\t" if delimiter == "\t" else delimiter
    return f' The file seems to be separated by "{written}": write `delimiter: "{written}"` beside `path`.'


def _column(name: str) -> Expression:
    """Take a column of the records by its name: where that stands alone, DuckDB 1.5 cuts it at its dots."""
    return ColumnExpression("records", name)


def _properties(records: duckdb.DuckDBPyRelation, properties: Mapping[str, str]) -> Expression:
    if not properties:
        return ConstantExpression(None)
    pairs = [
        part for name, column in properties.items() for part in (ConstantExpression(name), _written(records, column))
    ]
    return FunctionExpression("json_object", *pairs)


def resolve(config: Config, root: Path) -> Config:
    """Read the SELECT that `select` names from its file in the workspace."""
    if config.select is None:
        return config
    try:
        return config.model_copy(update={"select": (root / config.select).read_text(encoding="utf-8")})
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectorError(
            f"`select` names {config.select}, which cannot be read in {root}; put the SELECT there."
        ) from error
