"""journey.yaml: read once, frozen, closed and cross-checked. An error names the line and the nearest known name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from connectors import SOURCES
from connectors.keys import keyring
from connectors.landing import Source
from connectors.mapping import Zone
from connectors.suggest import did_you_mean
from pipelines.durations import Seconds, seconds
from pipelines.errors import DefinitionError
from pipelines.models import kpi_models
from pipelines.yaml_lines import Lines, read_yaml

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
Name = Field(pattern=r"^[a-z][a-z0-9_]*$")


class Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class SourceSpec(BaseModel):
    """What every source may say; the other keys are its connector's own."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    connector: str
    records: Literal["append", "snapshot"] | None = None
    exact_duplicates: Literal["keep", "drop"] = "keep"
    channel: str | None = None
    user_ids: str | None = None
    device_ids: str | None = None
    order_ids: str | None = None
    ticket_ids: str | None = None
    account_ids: str | None = None
    complete_until: datetime | None = None
    query: tuple[str, ...] = ()

    _names = field_validator("query", mode="before")(_many)

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespaces that identifiers of this source share with others, by kind; a kind left out is its own."""
        said = {"user": self.user_ids, "device": self.device_ids, "order": self.order_ids, "ticket": self.ticket_ids}
        return {kind: namespace for kind, namespace in said.items() if namespace}


class Caps(Closed):
    """To how many identifiers of people one identifier of a kind may be linked; and how many a person may have."""

    user: int = Field(default=50, ge=1)
    email: int = Field(default=10, ge=1)
    phone: int = Field(default=10, ge=1)
    order: int = Field(default=5, ge=1)
    ticket: int = Field(default=5, ge=1)
    person: int = Field(default=100, ge=1)


Identifier = Annotated[str, Field(pattern=r"^((user|device|order|ticket):[^:]+:.+|(email|phone):.+)$")]
"""`kind:namespace:value`; of an e-mail address or a phone number `email:a@b.com` or the key that stands for it."""


class Identity(Closed):
    """How identifiers become people."""

    attribute_back: Seconds = seconds("30d")
    block: tuple[Identifier, ...] = ()
    unlink: tuple[tuple[Identifier, Identifier], ...] = ()
    caps: Caps = Caps()


class SessionCap(Closed):
    """A session over it is marked: it is hardly one human's."""

    events: int = Field(default=2000, ge=1)
    time: Seconds = seconds("24h")


class Sessions(Closed):
    """Gap sessions, or the source's own."""

    gap: Seconds = seconds("30m")
    by: Literal["gap", "source"] = "gap"
    cap: SessionCap = SessionCap()


class Touchpoint(Closed):
    """One rule: which events are this touchpoint, and which role they play for the KPIs."""

    source: str | None = None
    event: Globs = ()
    page: Globs = ()
    properties: Mapping[str, str] = Field(default_factory=dict)
    role: Role | None = None
    channel: str | None = None
    label: str | None = None

    _globs = field_validator("event", "page", mode="before")(_many)

    @model_validator(mode="after")
    def says_something(self) -> "Touchpoint":
        if not (self.source or self.event or self.page or self.properties):
            raise ValueError("matches every event; name a source, an event, a page or a property")
        return self


class Persona(Closed):
    """One rule on what is known when a session begins; several values of a key are alternatives."""

    label: str | None = None
    channel: Globs = ()
    device_type: Globs = ()
    country: Globs = ()
    campaign_source: Globs = ()
    campaign_medium: Globs = ()
    earlier_sessions: str | None = Field(default=None, pattern=r"^(<=|>=|==?|<|>)\s*\d+$")
    earlier_orders: str | None = Field(default=None, pattern=r"^(<=|>=|==?|<|>)\s*\d+$")

    _globs = field_validator("channel", "device_type", "country", "campaign_source", "campaign_medium", mode="before")(
        _many
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


class Definition(Closed):
    """Everything a workspace says about itself."""

    name: str = Name
    title: str | None = None
    zone: Zone = "UTC"
    sources: Mapping[str, SourceSpec]
    touchpoints: Mapping[str, Touchpoint]
    journeys: Mapping[str, Journey]
    identity: Identity = Identity()
    sessions: Sessions = Sessions()
    personas: Mapping[str, Persona] = Field(default_factory=dict)
    kpis: Mapping[str, Kpi] = Field(default_factory=dict)
    report: Report = Report()
    privacy: Privacy = Privacy()
    retention: Retention = Retention()


Problem = tuple[tuple[str | int, ...], str]
"""Where in the file (a path of keys), and the sentence."""


def load(path: Path, overrides: Mapping[str, str] | None = None) -> Definition:
    """Read and check a journey.yaml; `overrides` are `--set` values by dotted key, for one run."""
    data, lines = read_yaml(path)
    for key, value in (overrides or {}).items():
        _set(data, key, value, path)
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        raise _error(
            path, lines, [(problem["loc"], _sentence(problem, Definition)) for problem in error.errors()]
        ) from None
    if problems := list(_problems(definition)):
        raise _error(path, lines, problems)
    return definition


def source(definition: Definition, name: str, workspace: Path) -> Source:
    """Make what landing needs of one source; raises DefinitionError when its connector does not understand its keys."""
    if name not in definition.sources:
        raise DefinitionError(f"There is no source '{name}' in journey.yaml{did_you_mean(name, definition.sources)}")
    spec = definition.sources[name]
    connector = SOURCES[spec.connector]
    path = workspace / "journey.yaml"
    try:
        config = connector.Config.model_validate(spec.model_extra or {})
    except ValidationError as error:
        _, lines = read_yaml(path)
        problems = [
            (("sources", name, *problem["loc"]), _sentence(problem, SourceSpec, connector.Config))
            for problem in error.errors()
        ]
        raise _error(path, lines, problems) from None
    resolve = getattr(connector, "resolve", None)
    if resolve:
        config = resolve(config, workspace)
    own = (spec.records or getattr(connector, "RECORDS", "append"), spec.exact_duplicates, spec.channel, spec.query)
    return Source(name, connector, config, *own, spec.namespaces, keyring(workspace / "journeys.key"))


def _problems(definition: Definition) -> list[Problem]:
    """Cross-check what one part says of another."""
    found: list[Problem] = []

    def unknown(where: tuple[str | int, ...], kind: str, name: str, known: Mapping[str, Any]) -> None:
        if name not in known:
            found.append(
                (where, f"unknown {kind} '{name}'{did_you_mean(name, known)} Known: {', '.join(sorted(known))}.")
            )

    for name, spec in definition.sources.items():
        unknown(("sources", name, "connector"), "connector", spec.connector, SOURCES)
    for name, touchpoint in definition.touchpoints.items():
        if touchpoint.source:
            unknown(("touchpoints", name, "source"), "source", touchpoint.source, definition.sources)
    for name, journey in definition.journeys.items():
        unknown(("journeys", name, "success"), "stage", journey.success, journey.stages)
        for stage_name, stage in journey.stages.items():
            for touchpoint_name in stage.touchpoints:
                unknown(
                    ("journeys", name, "stages", stage_name, "touchpoints"),
                    "touchpoint",
                    touchpoint_name,
                    definition.touchpoints,
                )
    for name, kpi in definition.kpis.items():
        unknown(("kpis", name), "KPI", name, kpi_models())
        found += _disagreements(name, kpi)
        journeys = definition.journeys
        if kpi.journey:
            unknown(("kpis", name, "journey"), "journey", kpi.journey, journeys)
        if kpi.stage:
            stages = {
                stage: 1 for key, journey in journeys.items() if kpi.journey in (None, key) for stage in journey.stages
            }
            unknown(("kpis", name, "stage"), "stage", kpi.stage, stages)
    if clash := {"other"} & set(definition.personas):
        found.append((("personas", *clash), "'other' is kept for those whom no persona matches; choose another name"))
    return found


def _disagreements(name: str, kpi: Kpi) -> list[Problem]:
    """A KPI's unit and direction are those of its SQL file; the definition may repeat them, not change them."""
    header = kpi_models()[name].header if name in kpi_models() else {}
    return [
        (("kpis", name, key), f"sql/kpis/{name}.sql says {key}: {header[key]}, not {said}")
        for key, said in (("unit", kpi.unit), ("direction", kpi.direction))
        if header and said not in (None, header[key])
    ]


def _sentence(problem: Any, *models: type[BaseModel]) -> str:
    """Say a pydantic problem in our words; `models` know the keys that may have been meant."""
    where = str(problem["loc"][-1]) if problem["loc"] else ""
    match problem["type"]:
        case "extra_forbidden":
            return f"unknown key '{where}'{did_you_mean(where, _keys(models) - {where})}"
        case "missing":
            return f"'{where}' is missing"
        case "value_error":
            return str(problem["ctx"]["error"])
        case _:
            return str(problem["msg"])


def _keys(models: Iterable[type[BaseModel]]) -> set[str]:
    """Gather the keys of models and of the models within them."""
    schemas = [model.model_json_schema() for model in models]
    return {
        key
        for schema in schemas
        for part in (schema, *schema.get("$defs", {}).values())
        for key in part.get("properties", {})
    }


def _error(path: Path, lines: Lines, problems: list[Problem]) -> DefinitionError:
    said = [f"  line {lines.of(where)}: {'.'.join(map(str, where))}: {sentence}" for where, sentence in problems]
    return DefinitionError(f"{path.name} is not right:\n" + "\n".join(said))


def _set(data: dict[str, Any], key: str, value: str, path: Path) -> None:
    """Set one dotted key in the plain data, for `--set sessions.by=gap`."""
    *parents, last = key.split(".")
    node = data
    for parent in parents:
        node = node.setdefault(parent, {})
        if not isinstance(node, dict):
            raise DefinitionError(f"--set {key}: '{parent}' in {path.name} is not a group of keys.")
    node[last] = value
