"""A log: steps laid out once, asked many times. `open` a published workspace, or bring any table of events.

log = jm.open("demo/current/journeys.duckdb")
log.transitions()                           # a table in a notebook; .figure(), .sql, .to_pandas(), .to_arrow()
log.segment("device_type", "mobile").sessions("30m").funnel(["cart", "purchase"])
"""

from __future__ import annotations

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
from journey_mining.conformance.conformance import conformance, insertions, journey_conformance, total_conformance
from journey_mining.conformance.conformance_figure import conformance_figure
from journey_mining.conformance.insertions_figure import insertions_figure
from journey_mining.conformance.total_conformance_figure import total_conformance_figure
from journey_mining.flows.conversion_lift import conversion_lift
from journey_mining.flows.conversion_lift_figure import conversion_lift_figure
from journey_mining.flows.sankey import sankey
from journey_mining.flows.sankey_figure import sankey_figure
from journey_mining.flows.step_matrix import step_matrix
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
from journey_mining.funnels.time_to_convert import conversion_curve, time_to_convert
from journey_mining.funnels.time_to_convert_figure import time_to_convert_figure
from journey_mining.markov.attribution import attribution
from journey_mining.markov.attribution_figure import attribution_figure
from journey_mining.markov.markov import markov
from journey_mining.markov.markov_figure import markov_figure
from journey_mining.markov.order_test import order_test
from journey_mining.markov.removal_effects import removal_effects
from journey_mining.markov.removal_effects_figure import removal_effects_figure
from journey_mining.markov.what_if import what_if
from journey_mining.markov.what_if_figure import what_if_figure
from journey_mining.narrowing import Narrowable
from journey_mining.personas.clusters import clusters
from journey_mining.personas.clusters_figure import clusters_figure
from journey_mining.personas.members import members
from journey_mining.results import analysis
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
from journey_mining.transitions.transitions import transitions
from journey_mining.transitions.transitions_figure import transitions_figure


class Log(Narrowable):
    """Steps to be analysed. Each method below is the function of the same name, with this log as its steps.

    A log is not changed by what is asked of it; what narrows or cleans it returns another one. It lives in memory, over
    the memory limit on disk, until it is closed or forgotten.
    """

    # What follows what, and where journeys end: docs/paths.md
    transitions = analysis(transitions, transitions_figure)
    transition_diff = analysis(transition_diff, transition_diff_figure, is_computed=True)
    dropoff = analysis(dropoff, dropoff_figure)
    findings = analysis(findings)
    variants = analysis(variants, variants_figure)
    sequences = analysis(sequences, sequences_figure)
    discriminative_sequences = analysis(discriminative_sequences, discriminative_figure, is_computed=True)
    next_steps = analysis(next_steps, next_steps_figure)
    grains = analysis(grains)
    changes = analysis(changes)
    route_templates = analysis(route_templates)

    # Step by step: docs/flows.md
    step_matrix = analysis(step_matrix, step_matrix_figure)
    sankey = analysis(sankey, sankey_figure)
    conversion_lift = analysis(conversion_lift, conversion_lift_figure)

    # How far journeys come: docs/funnels.md, docs/semantics.md
    funnel = analysis(funnel, funnel_figure)
    funnel_breakdown = analysis(funnel_breakdown, funnel_breakdown_figure)
    funnel_trend = analysis(funnel_trend, funnel_trend_figure)
    funnel_entries = analysis(funnel_entries)
    after_dropoff = analysis(after_dropoff, after_dropoff_figure)
    time_to_convert = analysis(time_to_convert, time_to_convert_figure)
    conversion_curve = analysis(conversion_curve, conversion_curve_figure, is_computed=True)
    conversion_drivers = analysis(conversion_drivers, conversion_drivers_figure, is_computed=True)

    # As a chain of stages: docs/markov.md
    order_test = analysis(order_test, is_computed=True)
    markov = analysis(markov, markov_figure, is_computed=True)
    what_if = analysis(what_if, what_if_figure, is_computed=True)
    removal_effects = analysis(removal_effects, removal_effects_figure, is_computed=True)
    attribution = analysis(attribution, attribution_figure, is_computed=True)

    # Against what was designed: docs/conformance.md
    conformance = analysis(conformance, conformance_figure)
    total_conformance = analysis(total_conformance, total_conformance_figure)
    journey_conformance = analysis(journey_conformance)
    insertions = analysis(insertions, insertions_figure)

    # Who comes back: docs/cohorts.md
    retention = analysis(retention, retention_figure)
    lifecycle = analysis(lifecycle, lifecycle_figure)
    stickiness = analysis(stickiness, stickiness_figure)

    # Two segments side by side: docs/comparing.md
    compare = analysis(compare, compare_figure, is_computed=True)
    before_and_after = analysis(before_and_after, compare_figure, is_computed=True)
    distance = analysis(distance, is_computed=True)

    # Personas from behaviour: docs/personas.md
    clusters = analysis(clusters, clusters_figure, is_computed=True)
    members = analysis(members)
