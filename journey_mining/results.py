"""What an analysis of a log gives: a small table, the figure of it, and the SQL that gives it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import pandas as pd
import pyarrow as pa

from journey_mining.errors import JourneyMiningError
from journey_mining.prepared import Prepared

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Arguments = ParamSpec("Arguments")
Draw = Callable[[pd.DataFrame], "Figure"]


@dataclass(frozen=True)
class Result:
    """A table with the figure drawn of it. A notebook shows the table."""

    table: pd.DataFrame
    draw: Draw | None = field(default=None, repr=False)

    @property
    def sql(self) -> str:
        """The script that gives the table in a DuckDB shell, from the data as they came."""
        return str(self.table.attrs["sql"])

    def figure(self) -> "Figure":
        """Return the table drawn, as a Plotly figure."""
        if self.draw is None:
            raise JourneyMiningError("this table has no figure of its own; plot its columns")
        return self.draw(self.table)

    def to_pandas(self) -> pd.DataFrame:
        """Return the table."""
        return self.table

    def to_arrow(self) -> pa.Table:
        """Return the table as one of Arrow."""
        return pa.Table.from_pandas(self.table, preserve_index=False)

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False))


def analysis(
    function: Callable[Concatenate[Prepared, Arguments], pd.DataFrame], draw: Draw | None = None
) -> Callable[Concatenate[Prepared, Arguments], Result]:
    """Return a pure function over steps as a method of a log: same name, same arguments, same words."""

    def method(log: Prepared, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return Result(function(log, *args, **kwargs), draw)

    method.__name__, method.__doc__ = function.__name__, function.__doc__
    method.__wrapped__ = function  # type: ignore[attr-defined]
    return method
