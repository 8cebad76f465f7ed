"""What journey.yaml may say, as frozen values that refuse unknown keys."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from connectors.mapping import Zone
from pipelines.durations import Seconds, seconds
from pipelines.source_parts import Closed, Identity, Namespace, Sessions, SourceSpec, many

Role = Literal[
    "cart_added",
    "checkout_started",
    "payment_info_added",
    "payment_failed",
    "purchased",
    "login_tried",
    "login_succeeded",
    "searched",
    "product_viewed",
    "ticket_opened",
    "first_response",
    "resolved",
    "rated",
]

Globs = tuple[str, ...]


class Touchpoint(Closed):
    """One rule: which events are this touchpoint, and which role they play for the KPIs."""

    source: str | None = None
    event: Globs = ()
    page: Globs = ()
    properties: Mapping[str, str] = Field(default_factory=dict)
    role: Role | None = None
    channel: str | None = None
    label: str | None = None

    _globs = field_validator("event", "page", mode="before")(many)

    @model_validator(mode="after")
    def says_something(self) -> "Touchpoint":
        if not (self.source or self.event or self.page or self.properties):
            raise ValueError("matches every event; name a source, an event, a page or a property")
        return self


def _comparison(text: str) -> str:
    if not re.fullmatch(r"(<=|>=|==?|<|>)\s*\d+", text):
        raise ValueError(f'\'{text}\' compares with no number; write ">= 1", "= 0" or "< 3"')
    return text


Comparison = Annotated[str, AfterValidator(_comparison)]
"""How many something has to be: `>= 1`."""


class Persona(Closed):
    """One rule on what is known when a session begins; several values of a key are alternatives."""

    label: str | None = None
    channel: Globs = ()
    device_type: Globs = ()
    country: Globs = ()
    campaign_source: Globs = ()
    campaign_medium: Globs = ()
    earlier_sessions: Comparison | None = None
    earlier_orders: Comparison | None = None

    _globs = field_validator("channel", "device_type", "country", "campaign_source", "campaign_medium", mode="before")(
        many
    )


class Stage(Closed):
    """What the customer wants here, the touchpoints that show it, and what is meant to happen.

    As designed, a stage may be left out if it is `optional`, visited again if it is `repeatable`, and is entered
    `within` this time from the stage before.
    """

    touchpoints: tuple[str, ...]
    objective: str = ""
    label: str | None = None
    optional: bool = False
    repeatable: bool = False
    within: Seconds | None = None

    _names = field_validator("touchpoints", mode="before")(many)


class Journey(Closed):
    """Stages in order; a silence longer than `gap` ends a journey; `window` is the time it has to succeed."""

    stages: Mapping[str, Stage]
    success: str
    window: Seconds
    gap: Seconds | None = None
    subject: Literal["person", "ticket", "order", "account", "session"] = "person"
    label: str | None = None

    @model_validator(mode="after")
    def agrees_with_itself(self) -> "Journey":
        if self.subject == "person" and self.gap is None:
            raise ValueError("the journey of a person needs a `gap`, for example 7d")
        seen: dict[str, str] = {}
        for name, stage in self.stages.items():
            for touchpoint in stage.touchpoints:
                if touchpoint in seen:
                    raise ValueError(
                        f"stages.{name}: touchpoint '{touchpoint}' already belongs to stage '{seen[touchpoint]}'"
                    )
                seen[touchpoint] = name
        return self


class Kpi(Closed):
    """The target of a KPI, who owns it, and where on the map it stands. What it is says its file in sql/kpis."""

    unit: Literal["share", "points", "hours"] | None = None
    direction: Literal["higher", "lower"] | None = None
    target: float | None = None
    owner: str | None = None
    label: str | None = None
    journey: str | None = None
    stage: str | None = None
    window: Seconds | None = None


def _whole_days(value: int) -> int:
    if value % 86400 or not value:
        raise ValueError("write a whole number of days, like 28d")
    return value


Days = Annotated[Seconds, AfterValidator(_whole_days)]
"""A length of time in whole days, as seconds."""


class Report(Closed):
    """The period that reports look at, and compare with the one before."""

    period: Days = seconds("28d")


class Privacy(Closed):
    """Cells of the pages about fewer people than `k` are withheld."""

    k: int = Field(default=10, ge=1)


class Retention(Closed):
    """How long what has landed is kept: events by when they occurred, unreadable records by when they came."""

    events: Days | None = None
    quarantine: Days | None = None

    @model_validator(mode="after")
    def agrees_with_itself(self) -> "Retention":
        if self.events and self.quarantine and self.quarantine > self.events:
            raise ValueError("unreadable records are kept no longer than events: make `quarantine` at most `events`")
        return self


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise ValueError(
            f"'{text}' is no name; write lower-case letters, digits and _, such as my_shop; `title` is free"
        )
    return text


class Definition(Closed):
    """Everything a workspace says about itself."""

    name: Annotated[str, AfterValidator(_name)]
    title: str | None = None
    zone: Zone = "UTC"
    sources: Mapping[Namespace, SourceSpec]
    touchpoints: Mapping[str, Touchpoint]
    journeys: Mapping[str, Journey]
    identity: Identity = Identity()
    sessions: Sessions = Sessions()
    personas: Mapping[str, Persona] = Field(default_factory=dict)
    kpis: Mapping[str, Kpi] = Field(default_factory=dict)
    report: Report = Report()
    privacy: Privacy = Privacy()
    retention: Retention = Retention()
