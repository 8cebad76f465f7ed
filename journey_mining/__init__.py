"""Mine customer journeys: pure functions over a table of steps, and a log that lays the steps out once."""

from journey_mining.cleaning.changes import changes
from journey_mining.cleaning.grains import grains
from journey_mining.cleaning.routes import route_templates
from journey_mining.cohorts.lifecycle import lifecycle
from journey_mining.cohorts.lifecycle_figure import lifecycle_figure
from journey_mining.cohorts.retention import retention
from journey_mining.cohorts.retention_figure import retention_figure
from journey_mining.cohorts.stickiness import stickiness
from journey_mining.cohorts.stickiness_figure import stickiness_figure
from journey_mining.comparing.compare import before_and_after, compare
from journey_mining.comparing.compare_figure import compare_figure
from journey_mining.comparing.distance import distance
from journey_mining.comparison import adjusted, difference
from journey_mining.conformance.conformance import conformance, insertions, journey_conformance, total_conformance
from journey_mining.conformance.conformance_figure import conformance_figure
from journey_mining.conformance.design import DesignedStage, designed_path
from journey_mining.conformance.insertions_figure import insertions_figure
from journey_mining.conformance.total_conformance_figure import total_conformance_figure
from journey_mining.errors import ArgumentError, JourneyMiningError, LimitError, StepsError
from journey_mining.flows.anchors import Anchor
from journey_mining.flows.conversion_lift import conversion_lift
from journey_mining.flows.conversion_lift_figure import conversion_lift_figure
from journey_mining.flows.difference import share_difference
from journey_mining.flows.sankey import sankey
from journey_mining.flows.sankey_figure import sankey_figure
from journey_mining.flows.step_matrix import step_matrix, wide
from journey_mining.flows.step_matrix_figure import step_matrix_figure
from journey_mining.funnels.after_dropoff import after_dropoff, funnel_entries
from journey_mining.funnels.after_dropoff_figure import after_dropoff_figure
from journey_mining.funnels.conversion_curve_figure import conversion_curve_figure
from journey_mining.funnels.conversion_drivers import conversion_drivers
from journey_mining.funnels.conversion_drivers_figure import conversion_drivers_figure
from journey_mining.funnels.funnel import funnel, funnel_breakdown
from journey_mining.funnels.funnel_breakdown_figure import funnel_breakdown_figure
from journey_mining.funnels.funnel_figure import funnel_figure
from journey_mining.funnels.funnel_trend import funnel_trend
from journey_mining.funnels.funnel_trend_figure import funnel_trend_figure
from journey_mining.funnels.stages import Exclusion, FunnelStage
from journey_mining.funnels.time_to_convert import conversion_curve, time_to_convert
from journey_mining.funnels.time_to_convert_figure import time_to_convert_figure
from journey_mining.log import Log
from journey_mining.markov.attribution import attribution
from journey_mining.markov.attribution_figure import attribution_figure
from journey_mining.markov.markov import markov
from journey_mining.markov.markov_figure import markov_figure
from journey_mining.markov.order_test import order_test
from journey_mining.markov.removal_effects import removal_effects
from journey_mining.markov.removal_effects_figure import removal_effects_figure
from journey_mining.markov.what_if import what_if
from journey_mining.markov.what_if_figure import what_if_figure
from journey_mining.opening import from_arrow, from_duckdb, from_pandas, from_parquet, open
from journey_mining.personas.clusters import clusters
from journey_mining.personas.clusters_figure import clusters_figure
from journey_mining.personas.members import members
from journey_mining.results import Result
from journey_mining.sequences.discriminative_figure import discriminative_figure
from journey_mining.sequences.next_steps import next_steps
from journey_mining.sequences.next_steps_figure import next_steps_figure
from journey_mining.sequences.sequences import discriminative_sequences, sequences
from journey_mining.sequences.sequences_figure import sequences_figure
from journey_mining.sequences.variants import variants
from journey_mining.sequences.variants_figure import variants_figure
from journey_mining.transitions.diff import transition_diff
from journey_mining.transitions.diff_figure import transition_diff_figure
from journey_mining.transitions.dropoff import dropoff
from journey_mining.transitions.dropoff_figure import dropoff_figure
from journey_mining.transitions.findings import findings
from journey_mining.transitions.transitions import prune, transition_graph, transitions
from journey_mining.transitions.transitions_figure import transitions_figure

__all__ = [
    "Anchor",
    "ArgumentError",
    "DesignedStage",
    "Exclusion",
    "FunnelStage",
    "JourneyMiningError",
    "LimitError",
    "Log",
    "Result",
    "StepsError",
    "adjusted",
    "after_dropoff",
    "after_dropoff_figure",
    "attribution",
    "attribution_figure",
    "before_and_after",
    "changes",
    "clusters",
    "clusters_figure",
    "compare",
    "compare_figure",
    "conformance",
    "conformance_figure",
    "conversion_curve",
    "conversion_curve_figure",
    "conversion_drivers",
    "conversion_drivers_figure",
    "conversion_lift",
    "conversion_lift_figure",
    "designed_path",
    "difference",
    "discriminative_figure",
    "discriminative_sequences",
    "distance",
    "dropoff",
    "dropoff_figure",
    "findings",
    "from_arrow",
    "from_duckdb",
    "from_pandas",
    "from_parquet",
    "funnel",
    "funnel_breakdown",
    "funnel_breakdown_figure",
    "funnel_entries",
    "funnel_figure",
    "funnel_trend",
    "funnel_trend_figure",
    "grains",
    "insertions",
    "insertions_figure",
    "journey_conformance",
    "lifecycle",
    "lifecycle_figure",
    "markov",
    "markov_figure",
    "members",
    "next_steps",
    "next_steps_figure",
    "open",
    "order_test",
    "prune",
    "removal_effects",
    "removal_effects_figure",
    "retention",
    "retention_figure",
    "route_templates",
    "sankey",
    "sankey_figure",
    "sequences",
    "sequences_figure",
    "share_difference",
    "step_matrix",
    "step_matrix_figure",
    "stickiness",
    "stickiness_figure",
    "time_to_convert",
    "time_to_convert_figure",
    "total_conformance",
    "total_conformance_figure",
    "transition_diff",
    "transition_diff_figure",
    "transition_graph",
    "transitions",
    "transitions_figure",
    "variants",
    "variants_figure",
    "what_if",
    "what_if_figure",
    "wide",
]
