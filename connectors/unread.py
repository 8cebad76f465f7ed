"""What a mapping cannot read of its records: which column, an example that tells nothing personal, what would read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import duckdb
import pyarrow as pa
from duckdb import ColumnExpression

from connectors.files import mapped_records, time_of, value_of
from connectors.mapping import Config, Time, column_of
from connectors.schema import PARSED_COLUMNS

N_VALUES = 1_000
"""So many values are looked at: enough to tell a day from a month."""

DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%g", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
FORMATS = ("iso", *map("".join, product((*DAYS, "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y"), CLOCKS)))
"""Formats of times that are tried; the first of those that read equally many values is the likeliest."""

UNIX = {"unix": re.compile(r"\d{10}([.]\d+)?"), "unix_ms": re.compile(r"\d{13}")}


@dataclass(frozen=True)
class Unread:
    """Values that fill a field and cannot be read as its type.

    `where` are the keys of the mapping that say so, `formats` what would read the most of them, if they are times.
    """

    where: tuple[str, ...]
    column: str
    example: str
    formats: tuple[str, ...] = ()


def unread(con: duckdb.DuckDBPyConnection, config: Config) -> list[Unread]:
    """Find what the mapping cannot read of the relation `records`, a column each."""
    records = mapped_records(con, config)
    found = []
    for where, spec in config.values.items():
        kind = PARSED_COLUMNS.get(where[-1], "VARCHAR")
        if kind == "VARCHAR" or (column := column_of(spec)) is None:
            continue
        written, value = value_of(records, where[-1], spec)
        both = records.select(written.alias("written"), value.cast(duckdb.sqltype(kind)).alias("value"))
        rows = both.filter("written IS NOT NULL AND value IS NULL").limit(N_VALUES).fetchall()
        if values := [text for text, _ in rows]:
            example, formats = _times(con, values) if kind == "TIMESTAMP" else (shape(values[0]), ())
            found.append(Unread(where, column, example, formats))
    return found


def _times(con: duckdb.DuckDBPyConnection, values: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Choose an example of texts that may be times, and the formats that read the most of them.

    Told as it is is only what a format reads that reads half of them, and not digits alone: those may be a phone number.
    """
    for format, form in UNIX.items():
        if all(map(form.fullmatch, values)):
            return shape(values[0]), (format,)
    texts = con.from_arrow(pa.table({"written": values}))
    read = texts.select(
        *(time_of(ColumnExpression("written"), Time(column="", format=format)).alias(format) for format in FORMATS)
    ).fetchall()
    n_read = {
        format: sum(instant is not None for instant in column)
        for format, column in zip(FORMATS, zip(*read, strict=True), strict=True)
    }
    if (most := max(n_read.values())) * 2 < len(values):  # by chance, as some customer numbers pass for days
        return shape(values[0]), ()
    best = tuple(format for format in FORMATS if n_read[format] == most)
    place = FORMATS.index(best[0])
    example = next(text for text, row in zip(values, read, strict=True) if row[place] is not None)
    return shape(example) if example.isdigit() else example, best


def shape(text: str) -> str:
    """Tell what a value looks like and not what it is: each letter as `a`, each digit as `9`.

    >>> shape("Ann Lee, +49 170 55")
    'aaa aaa, +99 999 99'
    """
    return "".join("a" if each.isalpha() else "9" if each.isdigit() else each for each in text[:40])
