"""What every page shares: one way to render, and to carry a figure's evidence."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.wording import WITHHELD, count, counted, day, duration, instant, percent

TEMPLATES = Path(__file__).parent / "templates"
PAGES = (("journey_map", "Journey map"), ("journey_flow", "Flow"), ("kpi_board", "KPIs"))
"""Every page: its file name without .html, and its name in the navigation."""

BUILD = "SELECT build_id, name, as_of, n_events, n_people, n_sessions, n_journeys FROM build"


@dataclass(frozen=True)
class Figure:
    """A number on a page and where it comes from: the cell `column` of the row `key` of a published table."""

    text: str
    what: str
    table: str
    column: str
    key: Mapping[str, str]
    value: float | None
    interval: str = ""
    counted: str = ""
    before: str = ""

    @property
    def address(self) -> str:
        """The row's key as a query string.

        >>> Figure("5%", "Drop-off", "stage_dropoff", "dropoff_rate", {"stage": "cart & co", "persona": "(all)"}, 0.05).address
        'stage=cart+%26+co&persona=%28all%29'
        """
        return urlencode(dict(self.key))

    @property
    def exact(self) -> str:
        """The value as the table has it, to the last digit; empty where it has none."""
        return "" if self.value is None else repr(self.value)


def render(template: str, *, scripts: Sequence[str] = (), styles: Sequence[str] = (), **context: Any) -> str:
    """Fill a template; only the given scripts and styles, and the base's own, will run in the browser.

    The policy names the hash of each of them and is written before any data is, so that markup from data could not run
    even if it were not escaped.
    """
    scripts, styles = [asset("script.js"), *scripts], [asset("style.css"), *styles]
    if any("</script" in text.lower() for text in scripts) or any("</style" in text.lower() for text in styles):
        raise ValueError("a script or style holds the tag that would end it")
    return (
        environment()
        .get_template(template)
        .render(
            scripts=scripts,
            styles=styles,
            policy=policy(scripts, styles),
            pages=PAGES,
            **context,
        )
    )


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """A content security policy that allows exactly these inline scripts and styles, and nothing from anywhere.

    >>> policy(["let a = 1"], [])
    "default-src 'none'; script-src 'sha256-LAfYd7p...'; style-src 'none'; base-uri 'none'; form-action 'none'"
    """
    return f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; base-uri 'none'; form-action 'none'"


def _hashes(texts: Sequence[str]) -> str:
    return (
        " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)
        or "'none'"
    )


@cache
def asset(name: str) -> str:
    """Read a script or style that is inlined."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates, with every value escaped and no undefined name let through."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(count=count, percent=percent, duration=duration, day=day, instant=instant)
    env.globals.update(counted=counted, WITHHELD=WITHHELD)
    return env


def rows(con: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run a query and return each row by column name; the numbers that are none (NaN) become None.

    >>> rows(duckdb.connect(), "SELECT 1 AS a, CAST('nan' AS DOUBLE) AS b")
    [{'a': 1, 'b': None}]
    """
    cursor = con.execute(sql, dict(params)) if params else con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [
        {
            name: None if isinstance(value, float) and not isfinite(value) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]


def build(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The one row of table `build`."""
    return rows(con, BUILD)[0]
