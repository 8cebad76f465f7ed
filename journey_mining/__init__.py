"""Mine customer journeys: pure functions from a table of steps to small tables and graphs."""

from journey_mining.comparison import adjusted, difference
from journey_mining.dropoffs import dropoff
from journey_mining.errors import ArgumentError, JourneyMiningError, StepsError
from journey_mining.funnels import funnel
from journey_mining.graphs import transition_graph, transitions
from journey_mining.sankey import sankey_links

__all__ = [
    "ArgumentError",
    "JourneyMiningError",
    "StepsError",
    "adjusted",
    "difference",
    "dropoff",
    "funnel",
    "sankey_links",
    "transition_graph",
    "transitions",
]
