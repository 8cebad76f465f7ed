"""Mine customer journeys: pure functions over a table of steps, and a log that lays the steps out once."""

from journey_mining.cohorts.lifecycle import lifecycle
from journey_mining.cohorts.retention import retention
from journey_mining.cohorts.stickiness import stickiness
from journey_mining.comparing.compare import before_and_after, compare
from journey_mining.comparing.distance import distance
from journey_mining.comparison import adjusted, difference
from journey_mining.errors import ArgumentError, JourneyMiningError, StepsError
from journey_mining.flows.sankey import sankey_links
from journey_mining.funnels.ordered import funnel
from journey_mining.log import Log
from journey_mining.opening import from_arrow, from_duckdb, from_pandas, from_parquet, open
from journey_mining.personas.clusters import clusters
from journey_mining.personas.members import members
from journey_mining.results import Result
from journey_mining.transitions.dropoff import dropoff
from journey_mining.transitions.transitions import transition_graph, transitions

__all__ = [
    "ArgumentError",
    "JourneyMiningError",
    "Log",
    "Result",
    "StepsError",
    "adjusted",
    "before_and_after",
    "clusters",
    "compare",
    "difference",
    "distance",
    "dropoff",
    "from_arrow",
    "from_duckdb",
    "from_pandas",
    "from_parquet",
    "funnel",
    "lifecycle",
    "members",
    "open",
    "retention",
    "sankey_links",
    "stickiness",
    "transition_graph",
    "transitions",
]
