"""Mine customer journeys: pure functions over a table of steps, and a log that lays the steps out once."""

from journey_mining.cleaning.changes import changes
from journey_mining.cleaning.routes import route_templates
from journey_mining.comparison import adjusted, difference
from journey_mining.errors import ArgumentError, JourneyMiningError, StepsError
from journey_mining.flows.sankey import sankey_links
from journey_mining.funnels.ordered import funnel
from journey_mining.log import Log
from journey_mining.opening import from_arrow, from_duckdb, from_pandas, from_parquet, open
from journey_mining.results import Result
from journey_mining.sequences.next_steps import next_steps
from journey_mining.sequences.sequences import discriminative_sequences, sequences
from journey_mining.sequences.variants import variants
from journey_mining.transitions.diff import transition_diff
from journey_mining.transitions.dropoff import dropoff
from journey_mining.transitions.findings import findings
from journey_mining.transitions.transitions import prune, transition_graph, transitions

__all__ = [
    "ArgumentError",
    "JourneyMiningError",
    "Log",
    "Result",
    "StepsError",
    "adjusted",
    "changes",
    "difference",
    "discriminative_sequences",
    "dropoff",
    "findings",
    "from_arrow",
    "from_duckdb",
    "from_pandas",
    "from_parquet",
    "funnel",
    "next_steps",
    "open",
    "prune",
    "route_templates",
    "sankey_links",
    "sequences",
    "transition_diff",
    "transition_graph",
    "transitions",
    "variants",
]
