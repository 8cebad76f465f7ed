"""A log: steps laid out once, asked many times. `open` a published workspace, or bring any table of events.

log = jm.open("demo/current/journeys.duckdb")
log.transitions()                           # a table in a notebook; .figure(), .sql, .to_pandas(), .to_arrow()
log.segment("device_type", "mobile").sessions("30m").funnel(["cart", "purchase"])
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from journey_mining import scripts
from journey_mining.cohorts.lifecycle import lifecycle
from journey_mining.cohorts.lifecycle_figure import lifecycle_figure
from journey_mining.cohorts.retention import retention
from journey_mining.cohorts.retention_figure import retention_figure
from journey_mining.cohorts.stickiness import stickiness
from journey_mining.cohorts.stickiness_figure import stickiness_figure
from journey_mining.comparing.compare import before_and_after, compare
from journey_mining.comparing.compare_figure import compare_figure
from journey_mining.comparing.distance import distance
from journey_mining.conformance.conformance import conformance, journey_conformance, total_conformance
from journey_mining.conformance.conformance_figure import conformance_figure
from journey_mining.durations import duration
from journey_mining.errors import ArgumentError, StepsError, unknown_name
from journey_mining.flows.matches import find_matches
from journey_mining.flows.sankey import sankey_links
from journey_mining.flows.sankey_figure import sankey_figure
from journey_mining.flows.step_matrix import step_matrix
from journey_mining.flows.step_matrix_figure import step_matrix_figure
from journey_mining.funnels.after_dropoff import after_dropoff, funnel_entries
from journey_mining.funnels.conversion_curve_figure import conversion_curve_figure
from journey_mining.funnels.conversion_drivers import conversion_drivers
from journey_mining.funnels.conversion_drivers_figure import conversion_drivers_figure
from journey_mining.funnels.funnel import funnel, funnel_breakdown
from journey_mining.funnels.funnel_figure import funnel_figure
from journey_mining.funnels.funnel_trend import funnel_trend
from journey_mining.funnels.funnel_trend_figure import funnel_trend_figure
from journey_mining.funnels.time_to_convert import conversion_curve, time_to_convert
from journey_mining.markov.absorption import absorption
from journey_mining.markov.absorption_figure import absorption_figure
from journey_mining.markov.attribution import attribution
from journey_mining.markov.attribution_figure import attribution_figure
from journey_mining.markov.order_test import order_test
from journey_mining.markov.removal_effects import removal_effects
from journey_mining.markov.what_if import what_if
from journey_mining.markov.what_if_figure import what_if_figure
from journey_mining.personas.clusters import clusters
from journey_mining.personas.clusters_figure import clusters_figure
from journey_mining.personas.members import members
from journey_mining.prepared import HOW_TO_KEEP, By, Prepared, execute, new_schema
from journey_mining.results import analysis
from journey_mining.steps import opened
from journey_mining.transitions.dropoff import dropoff
from journey_mining.transitions.transitions import transitions


class Log(Prepared):
    """Steps to be analysed. Each method below is the function of the same name, with this log as its steps.

    A log is not changed by what is asked of it; `filter`, `segment`, `matching` and `sessions` return another one. It lives in
    memory, over the memory limit on disk, until it is closed or forgotten.
    """

    transitions = analysis(transitions)
    dropoff = analysis(dropoff)
    order_test = analysis(order_test)
    absorption = analysis(absorption, absorption_figure)
    removal_effects = analysis(removal_effects)
    attribution = analysis(attribution, attribution_figure)
    what_if = analysis(what_if, what_if_figure)
    conformance = analysis(conformance, conformance_figure)
    total_conformance = analysis(total_conformance)
    journey_conformance = analysis(journey_conformance)
    funnel = analysis(funnel, funnel_figure)
    funnel_breakdown = analysis(funnel_breakdown)
    funnel_entries = analysis(funnel_entries)
    funnel_trend = analysis(funnel_trend, funnel_trend_figure)
    after_dropoff = analysis(after_dropoff)
    time_to_convert = analysis(time_to_convert)
    conversion_curve = analysis(conversion_curve, conversion_curve_figure)
    conversion_drivers = analysis(conversion_drivers, conversion_drivers_figure)
    retention = analysis(retention, retention_figure)
    lifecycle = analysis(lifecycle, lifecycle_figure)
    stickiness = analysis(stickiness, stickiness_figure)
    compare = analysis(compare, compare_figure)
    before_and_after = analysis(before_and_after, compare_figure)
    distance = analysis(distance)
    clusters = analysis(clusters, clusters_figure)
    members = analysis(members)
    step_matrix = analysis(step_matrix, step_matrix_figure)
    sankey = analysis(sankey_links, sankey_figure)

    def filter(self, condition: str | duckdb.Expression) -> Log:
        """Keep the steps for which a condition holds, and number them anew: DuckDB's words over the columns of `steps`.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann", "ann"], "event": ["home", "cart"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02"])}), person="person", event="event", time="time")
        >>> log.filter("event <> 'home'").transitions().table[["from", "to"]]
              from     to
        0  (start)   cart
        1     cart  (end)
        """
        try:
            kept = self.con.table(f"{self.schema}.rows").filter(condition)
            return self._narrowed("base/narrowed", f"CREATE OR REPLACE TEMP VIEW kept AS {kept.sql_query()};")
        except duckdb.BinderException as error:
            raise ArgumentError(f"filter: {error}") from error

    def segment(self, column: str, *values: object) -> Log:
        """Keep the journeys whose first step has one of these values in a column: what was known at their start."""
        if column not in self.columns:
            raise StepsError(f"log: {unknown_name('column', column, self.columns)} {HOW_TO_KEEP}")
        first = self.con.table(f"{self.schema}.rows").filter(ColumnExpression("step_number") == ConstantExpression(1))
        first = first.select(ColumnExpression("journey_no"), ColumnExpression(column).cast("VARCHAR").alias("value"))
        wanted = scripts.shown(scripts.read("base/first_values"), {"values": [str(value) for value in values]})
        return self._narrowed(
            "base/narrowed", f"CREATE OR REPLACE TEMP VIEW first_steps AS {first.sql_query()};", wanted
        )

    def sessions(self, gap: str | timedelta | None = None) -> Log:
        """Take each session as a journey: a run without a silence longer than `gap` ("30m"), or what the source says."""
        if gap is None and "session_id" not in self.columns:
            raise ArgumentError("sessions: this log has none of its own; give a gap, such as '30m', to cut at")
        if gap is None:
            return self._narrowed("base/sessions", scripts.read("base/source_sessions"), has_outcome=False)
        cut = scripts.shown(scripts.read("base/gap_sessions"), {"gap": duration(gap)})
        return self._narrowed("base/sessions", cut, has_outcome=False)

    def matching(self, pattern: str, by: By | None = None) -> Log:
        """Keep the journeys in which a pattern matches: docs/flows.md tells its language.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann", "ann", "bob"], "event": ["home", "cart", "home"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"])}),
        ...     person="person", event="event", time="time")
        >>> log.matching("home->[<2d]cart").transitions().table[["from", "n_journeys"]]
              from  n_journeys
        0  (start)           1
        1     cart           1
        2     home           1
        """
        with opened(self, by) as analysis:
            find_matches(analysis, pattern)
            return self._narrowed_on(analysis.con, analysis.script, "base/narrowed", scripts.read("flows/matching"))

    def close(self) -> None:
        """Give the memory back, also that of all logs made from this one."""
        self.con.close()

    def _narrowed(self, query: str, *before: str, has_outcome: bool | None = None) -> Log:
        """Return a log made from this one by a query, which finds this one's tables under the name known_..."""
        with closing(self.con.cursor()) as con:
            con.execute("SET TimeZone = 'UTC'")
            return self._narrowed_on(con, self.script, query, *before, has_outcome=has_outcome)

    def _narrowed_on(
        self,
        con: duckdb.DuckDBPyConnection,
        script: Sequence[str],
        query: str,
        *before: str,
        has_outcome: bool | None = None,
    ) -> Log:
        """The same on a connection on which a script has run."""
        known = "\n".join(
            f"CREATE OR REPLACE TEMP VIEW known_{table} AS FROM {self.schema}.{table};"
            for table in ("rows", "journeys", "observed")
        )
        path, place = new_schema(con, self.path)
        text = "\n\n".join([known, *before, scripts.read(query)])
        execute(con, text)
        outcome = self.has_outcome if has_outcome is None else has_outcome
        return replace(self, path=path, has_outcome=outcome, script=(*script, place, text))
