"""The SQL models: one file, one table. What a model is says its header; what comes before it says its SELECT."""

import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp

from pipelines.durations import seconds

HERE = Path(__file__).parent
SQL = HERE / "sql" if (HERE / "sql").is_dir() else HERE.parent / "sql"
"""In a wheel the files lie inside this package; in a checkout beside it."""


@dataclass(frozen=True)
class Model:
    """A SELECT under its header."""

    name: str
    description: str
    header: dict[str, str]
    sql: str

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables it says it reads; a test holds that to what its SELECT reads."""
        return _names(self.header.get("reads", ""))

    @property
    def is_published(self) -> bool:
        return self.header.get("publish", "yes") == "yes"

    @property
    def schema(self) -> str:
        """Where its table lies: before readers, kept for the next build, or gone with this one."""
        return {"yes": "journeys.main", "work": "journeys.work", "no": "scratch.main"}[
            self.header.get("publish", "yes")
        ]

    @property
    def partition(self) -> str:
        """What a row rests on, and is made anew with when that changed; see sql/README.md."""
        return self.header["partition"]

    @property
    def is_view(self) -> bool:
        """Whether it is not worth a table: narrow, or read once."""
        return self.header.get("kind", "table") == "view"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of touchpoints that a KPI rests on."""
        return _names(self.header.get("roles", ""))


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def parse(name: str, text: str) -> Model:
    """Read a model's header: `-- name: description`, `-- key: value` lines, and prose, which joins the description.

    >>> model = parse("sessions", "-- sessions: one row per session.\\n-- key: session_id\\n-- Prose.\\nSELECT 1;")
    >>> model.description, model.header, model.sql
    ('one row per session. Prose.', {'key': 'session_id'}, 'SELECT 1')
    """
    comments = [line[2:].strip() for line in text.splitlines() if line.startswith("--")]
    title = comments[0].removeprefix(f"{name}:").strip()
    header = {found[1]: found[2].strip() for line in comments[1:] if (found := re.fullmatch(r"([a-z]+):(.*)", line))}
    prose = [line for line in comments[1:] if not re.fullmatch(r"([a-z]+):(.*)", line)]
    select = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().removesuffix(";")
    return Model(name, " ".join([title, *prose]), header, select)


@cache
def models(folder: Path = SQL) -> dict[str, Model]:
    """Read every model, by name."""
    return {
        path.stem: parse(path.stem, path.read_text())
        for path in sorted([*folder.glob("*.sql"), *(folder / "kpis").glob("*.sql")])
    }


@cache
def kpi_models(folder: Path = SQL) -> dict[str, Model]:
    """Read the models of KPIs, by name."""
    return {path.stem: parse(path.stem, path.read_text()) for path in sorted((folder / "kpis").glob("*.sql"))}


def window_of(kpi: str, said: int | None) -> int | None:
    """Tell the window of a KPI in seconds: the one that the definition said, else that of its file, if it has one.

    >>> window_of("first_response_hours", None), window_of("first_response_hours", 3600), window_of("csat_score", None)
    (259200, 3600, None)
    """
    own = kpi_models()[kpi].header.get("window")
    return said or (seconds(own) if own else None)


@cache
def checks(folder: Path = SQL) -> dict[str, Model]:
    """Read the checks: each a SELECT that must return no row."""
    return {path.stem: parse(path.stem, path.read_text()) for path in sorted((folder / "checks").glob("*.sql"))}


@cache
def slow_checks(folder: Path = SQL) -> dict[str, Model]:
    """Read the checks that `journeys verify` alone makes: each a SELECT that must return no row."""
    return {path.stem: parse(path.stem, path.read_text()) for path in sorted((folder / "verify").glob("*.sql"))}


@cache
def tables_read(sql: str) -> frozenset[str]:
    """Name the tables that a SELECT reads, common table expressions apart.

    >>> sorted(tables_read("WITH a AS (SELECT * FROM x) SELECT * FROM a JOIN y ON true"))
    ['x', 'y']
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    return frozenset(table.name for table in tree.find_all(exp.Table)) - {cte.alias for cte in tree.find_all(exp.CTE)}


COUNTS_PEOPLE = ("cluster", "sum")
"""Partitions of models that a night cannot begin before `periods`: from them follows of whom something else is counted."""


def build_order(all_models: dict[str, Model]) -> list[str]:
    """Order the models so that each comes after those it reads."""
    graph = {
        name: sorted({*model.reads, *(["periods"] if model.partition in COUNTS_PEOPLE else [])} & {*all_models, *STEPS})
        for name, model in sorted(all_models.items())
    }
    graph |= {name: list(reads) for name, reads in STEPS.items()}
    return list(TopologicalSorter(graph).static_order())


def last_uses(order: list[str]) -> dict[str, list[str]]:
    """Tell, per model, which tables that leave with the build nothing reads after it.

    A view reads when it is read.
    """
    known = models()
    last: dict[str, str] = {}

    def use(name: str, by: str) -> None:
        if name in known and known[name].is_view:
            for table in known[name].reads:
                use(table, by)
        else:
            last[name] = by

    for name in order:
        reads = known[name].reads if name in known else STEPS[name]
        for table in () if name in known and known[name].is_view else reads:
            use(table, name)
    for check in checks().values():
        for table in tables_read(check.sql):
            use(table, "(audit)")
    found: dict[str, list[str]] = {}
    for table, by in last.items():
        if table in known and known[table].schema == "scratch.main":
            found.setdefault(by, []).append(table)
    return found


STEPS = {"identity_clusters": ("identity_links",), "capped_links": ("identity_clusters",)}
"""Tables that Python makes between models, and what each reads; the first step makes both."""
