"""How a mapping in journey.yaml is written: which column, constant or instant fills which field of an event."""

import re
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from connectors.csv_records import DELIMITERS
from connectors.inputs import MAX_FILE_BYTES
from connectors.schema import PARSED_COLUMNS
from connectors.suggest import did_you_mean

OURS = {"line_no", "fault", "identity", "record_hash", "filter_reason", "event_name", "is_passive", "properties"}
FIELDS = tuple(name for name in PARSED_COLUMNS if name not in OURS)
"""What a mapping may fill."""

WORDS = ("iso", "unix", "unix_ms")
DIRECTIVES = {*"aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%", "-d", "-m", "-y", "-H", "-I", "-M", "-S", "-j"}


class Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Const(Closed):
    """The same value for every record."""

    const: str | int | float | bool


def known_zone(name: str) -> str:
    """Pass the name of a time zone; raises ValueError for any other.

    >>> known_zone("Europe/Belin")
    Traceback (most recent call last):
    ValueError: 'Europe/Belin' is no time zone; did you mean 'Europe/Berlin'?
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{name}' is no time zone{did_you_mean(name, available_timezones())}") from None
    return name


def known_format(format: str) -> str:
    """Pass iso, unix, unix_ms, or a pattern of % directives that DuckDB reads; raises ValueError for any other."""
    directives = re.findall(r"%(-?.?)", format)
    if wrong := [directive for directive in directives if directive not in DIRECTIVES]:
        raise ValueError(f"'{format}' has the directive %{wrong[0]}, which is none; one example is %Y-%m-%d %H:%M:%S")
    if not directives and format not in WORDS:
        raise ValueError(
            f"'{format}' is no format of times; write iso, unix, unix_ms, or a pattern like %d.%m.%Y %H:%M"
        )
    return format


def known_delimiter(delimiter: str) -> str:
    """Pass what may stand between two values of a CSV; raises ValueError for anything else."""
    if delimiter not in DELIMITERS:
        raise ValueError('a delimiter is one of "," ";" "|" "\\t" (a tab), each in double quotes')
    return delimiter


Zone = Annotated[str, AfterValidator(known_zone)]


class Time(Closed):
    """A column with instants: how they are written, and in which zone when the text does not say."""

    column: str
    format: Annotated[str, AfterValidator(known_format)] = "iso"
    zone: Zone = "UTC"


class EventName(Closed):
    """A column that names the event; the names that are passive."""

    column: str
    passive: tuple[str, ...] = ()


def _kind(value: object) -> str:
    match value:
        case bool():
            return "flag"
        case Const() | {"const": _}:
            return "constant"
        case Time() | dict():
            return "time"
        case _:
            return "column"


Value = Annotated[
    Annotated[str, Tag("column")]
    | Annotated[Const, Tag("constant")]
    | Annotated[Time, Tag("time")]
    | Annotated[bool, Tag("flag")],
    Discriminator(_kind),
]
"""A column; a constant; a column with instants; or, of `passive` alone, yes or no."""


def column_of(value: Value | EventName) -> str | None:
    """Tell the column that a value is read from; None of a constant or a flag."""
    match value:
        case str():
            return value
        case Time() | EventName():
            return value.column
        case _:
            return None


def _known_field(name: str) -> str:
    if name not in FIELDS:
        raise ValueError(f"unknown field '{name}'{did_you_mean(name, FIELDS)}")
    return name


def _known_part(name: str) -> str:
    return name if name == "passive" else _known_field(name)


class Config(Closed):
    """A mapping from columns to events: `fields` for all events, `events` for one each, or `event_name` from a column."""

    path: str
    delimiter: Annotated[str, AfterValidator(known_delimiter)] = ","
    max_bytes: int = Field(default=MAX_FILE_BYTES, gt=0)
    fields: Mapping[Annotated[str, AfterValidator(_known_field)], Value] = Field(default_factory=dict)
    properties: Mapping[str, str] = Field(default_factory=dict)
    events: Mapping[str, Mapping[Annotated[str, AfterValidator(_known_part)], Value]] = Field(default_factory=dict)
    event_name: str | EventName | None = None
    select: str | None = None

    @model_validator(mode="after")
    def maps_one_way(self) -> "Config":
        if sum(map(bool, (self.events, self.event_name, self.select))) != 1:
            raise ValueError("give exactly one of `events`, `event_name` and `select`")
        if self.select and (self.fields or self.properties):
            raise ValueError("`select` maps everything by itself: leave `fields` and `properties` out")
        for field, value in [*self.fields.items(), *(part for event in self.events.values() for part in event.items())]:
            if isinstance(value, bool) != (field == "passive"):
                takes = "true or false" if field == "passive" else "a column, or a constant like {const: true}"
                raise ValueError(f"`{field}` takes {takes}")
        for name, event in self.events.items():
            if "occurred_at" not in {*self.fields, *event}:
                raise ValueError(f"events.{name} has no `occurred_at`: name the column with its time")
        if self.event_name and "occurred_at" not in self.fields:
            raise ValueError("`fields` has no `occurred_at`: name the column with the time of the event")
        return self

    @property
    def values(self) -> dict[tuple[str, ...], Value]:
        """What fills a field, by where the mapping says so."""
        found: dict[tuple[str, ...], Value] = {("fields", field): value for field, value in self.fields.items()}
        for name, event in self.events.items():
            found |= {("events", name, field): value for field, value in event.items()}
        return found

    @property
    def columns(self) -> dict[tuple[str, ...], str]:
        """Every column that the mapping names, by where it does so."""
        found = {where: column for where, value in self.values.items() if (column := column_of(value))}
        if self.event_name:
            found["event_name",] = column_of(self.event_name) or ""
        return found | {("properties", name): column for name, column in self.properties.items()}
