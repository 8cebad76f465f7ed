"""What an analysis of a log gives: a small table, the figure of it, and the SQL that gives it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import pandas as pd
import pyarrow as pa

from journey_mining.errors import JourneyMiningError
from journey_mining.prepared import Prepared

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Arguments = ParamSpec("Arguments")
Draw = Callable[..., "Figure"]


@dataclass(frozen=True)
class Result:
    """A table with the figure drawn of it. A notebook shows the figure; without one, the table.

    >>> Result(pd.DataFrame({"name": ["cart"]})).to_arrow().column_names
    ['name']
    """

    table: pd.DataFrame
    draw: Draw | None = field(default=None, repr=False)
    title: str = "Journey mining"
    is_computed: bool = False
    """Whether the table is computed from counts, beyond what SQL says: by linear algebra, by tests."""

    @property
    def sql(self) -> str:
        """The script that gives the table in a DuckDB shell, from the data as they came; if computed, that of its counts."""
        return str(self.table.attrs["sql"])

    def figure(self, **options: Any) -> "Figure":
        """Return the table drawn, as a Plotly figure; `options` are those of the function that draws it."""
        if self.draw is None:
            raise JourneyMiningError("this result is a table alone, without a figure of its own; plot its columns")
        return self.draw(self.table, **options)

    def to_pandas(self) -> pd.DataFrame:
        """Return the table."""
        return self.table

    def to_arrow(self) -> pa.Table:
        """Return the table as one of Arrow."""
        return pa.Table.from_pandas(self.table, preserve_index=False)

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write a page that needs no network: the figure, the table behind it and the SQL; return its path."""
        figure = self.figure().to_html(full_html=False, include_plotlyjs=True) if self.draw else ""
        page = PAGE.format(
            title=escape(self.title),
            figure=figure,
            table=_html(self.table, border=0),
            of_what="of its counts" if self.is_computed else "that gives it",
            sql=escape(self.sql),
        )
        return _written(Path(path), page)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = self.figure()._repr_mimebundle_(include, exclude) if self.draw else {}
        return {"text/html": _html(self.table), "text/plain": self.table.to_string(index=False)} | bundle


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 14px/1.45 system-ui, 'DejaVu Sans', sans-serif; color: #1C2333; margin: 16px auto; max-width: 1240px; padding: 0 16px }}
.wide {{ overflow-x: auto }} table {{ border-collapse: collapse }}
th, td {{ padding: 4px 10px; text-align: right; border-bottom: 1px solid #E6E9EF; white-space: nowrap }}
pre {{ background: #F4F7FB; padding: 12px; overflow-x: auto }}
</style></head><body>
<h1>{title}</h1>
<div class="wide">{figure}</div>
<h2>The table</h2><div class="wide">{table}</div>
<details><summary>The SQL {of_what}</summary><pre>{sql}</pre></details>
</body></html>
"""


def _html(table: pd.DataFrame, **how: Any) -> str:
    """Return a table as HTML, with its names whole: pandas cuts them after 50 letters."""
    with pd.option_context("display.max_colwidth", None):
        return str(table.to_html(index=False, **how))


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def analysis(
    function: Callable[Concatenate[Prepared, Arguments], pd.DataFrame],
    draw: Draw | None = None,
    is_computed: bool = False,
) -> Callable[Concatenate[Prepared, Arguments], Result]:
    """Return a pure function over steps as a method of a log: same name, same arguments, same words."""
    title = function.__name__.replace("_", " ").capitalize()

    def method(log: Prepared, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return Result(function(log, *args, **kwargs), draw, title, is_computed)

    method.__name__, method.__doc__ = function.__name__, function.__doc__
    method.__wrapped__ = function  # type: ignore[attr-defined]
    method.is_computed = is_computed  # type: ignore[attr-defined]
    return method
