"""Mine customer journeys: pure functions over a table of steps, and a log that lays the steps out once."""

from journey_mining.comparison import adjusted, difference
from journey_mining.errors import ArgumentError, JourneyMiningError, StepsError
from journey_mining.flows.anchors import Anchor
from journey_mining.flows.difference import share_difference
from journey_mining.flows.sankey import sankey_links
from journey_mining.flows.sankey_figure import sankey_figure
from journey_mining.flows.step_matrix import step_matrix, wide
from journey_mining.flows.step_matrix_figure import step_matrix_figure
from journey_mining.funnels.ordered import funnel
from journey_mining.log import Log
from journey_mining.opening import from_arrow, from_duckdb, from_pandas, from_parquet, open
from journey_mining.results import Result
from journey_mining.transitions.dropoff import dropoff
from journey_mining.transitions.transitions import transition_graph, transitions

__all__ = [
    "Anchor",
    "ArgumentError",
    "JourneyMiningError",
    "Log",
    "Result",
    "StepsError",
    "adjusted",
    "difference",
    "dropoff",
    "from_arrow",
    "from_duckdb",
    "from_pandas",
    "from_parquet",
    "funnel",
    "open",
    "sankey_figure",
    "sankey_links",
    "share_difference",
    "step_matrix",
    "step_matrix_figure",
    "transition_graph",
    "transitions",
    "wide",
]
