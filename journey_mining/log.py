"""A log: steps laid out once, asked many times. `open` a published workspace, or bring any table of events.

log = jm.open("demo/current/journeys.duckdb")
log.transitions()                           # a table in a notebook; .figure(), .sql, .to_pandas(), .to_arrow()
log.segment("device_type", "mobile").sessions("30m").funnel(["cart", "purchase"])
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Mapping, Sequence
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
from journey_mining.cleaning.changes import changes
from journey_mining.cleaning.renaming import collapsed_script, rare_script, renamed_script, rules_script, script
from journey_mining.cleaning.routes import route_templates, routes_script
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
from journey_mining.prepared import HOW_TO_KEEP, By, Prepared, execute, known_alphabet, new_schema
from journey_mining.results import analysis
from journey_mining.steps import opened
from journey_mining.sequences.next_steps import next_steps
from journey_mining.sequences.sequences import discriminative_sequences, sequences
from journey_mining.sequences.variants import variants
from journey_mining.transitions.diff import transition_diff
from journey_mining.transitions.dropoff import dropoff
from journey_mining.transitions.findings import findings
from journey_mining.transitions.transitions import transitions


class Log(Prepared):
    """Steps to be analysed. Each method below is the function of the same name, with this log as its steps.

    A log is not changed by what is asked of it; `filter`, `segment`, `matching` and `sessions` return another one. It lives in
    A log is not changed by what is asked of it; what narrows or cleans returns another one. It lives in
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
    findings = analysis(findings)
    transition_diff = analysis(transition_diff)
    variants = analysis(variants)
    sequences = analysis(sequences)
    discriminative_sequences = analysis(discriminative_sequences)
    next_steps = analysis(next_steps)
    changes = analysis(changes)
    route_templates = analysis(route_templates)

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
            return self._narrowed(
                f"CREATE OR REPLACE TEMP VIEW kept AS {kept.sql_query()};", scripts.read("base/narrowed")
            )
        except duckdb.BinderException as error:
            raise ArgumentError(f"filter: {error}") from error

    def segment(self, column: str, *values: object) -> Log:
        """Keep the journeys whose first step has one of these values in a column: what was known at their start."""
        if column not in self.columns:
            raise StepsError(f"log: {unknown_name('column', column, self.columns)} {HOW_TO_KEEP}")
        first = self.con.table(f"{self.schema}.rows").filter(ColumnExpression("step_number") == ConstantExpression(1))
        first = first.select(ColumnExpression("journey_no"), ColumnExpression(column).cast("VARCHAR").alias("value"))
        wanted = scripts.shown(scripts.read("base/first_values"), {"values": [str(value) for value in values]})
        steps = f"CREATE OR REPLACE TEMP VIEW first_steps AS {first.sql_query()};"
        return self._narrowed(steps, wanted, scripts.read("base/narrowed"))

    def sessions(self, gap: str | timedelta | None = None) -> Log:
        """Take each session as a journey: a run without a silence longer than `gap` ("30m"), or what the source says."""
        if gap is None and "session_id" not in self.columns:
            raise ArgumentError("sessions: this log has none of its own; give a gap, such as '30m', to cut at")
        cut = scripts.read("base/source_sessions")
        if gap is not None:
            cut = scripts.shown(scripts.read("base/gap_sessions"), {"gap": duration(gap)})
        return self._narrowed(cut, scripts.read("base/sessions"), has_outcome=False)

    def collapse(self, by: By | None = None) -> Log:
        """Leave out the steps that repeat the name of the step before; `changes` tells how many."""
        return self._narrowed(*collapsed_script(self._alphabet(by)))

    def rename(
        self, rules: Mapping[str, str] | None = None, wildcards: Mapping[str, str] | None = None, by: By | None = None
    ) -> Log:
        r"""Give names others: by regular expressions, in order, then by wildcards; `changes` tells what became what.

        A rule replaces all that its expression (of RE2) matches, in what the rules before it left; `\1` is its first
        group. Then the first wildcard that fits the whole name says what it is called; `*` is any run of characters.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann", "ann"], "event": ["/help/a?x=1", "/cart"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02"])}), person="person", event="event", time="time")
        >>> log.rename({r"\?.*$": ""}, {"/help/*": "help"}).changes().table[["name", "new_name", "n_steps"]]
                  name new_name  n_steps
        0  /help/a?x=1     help        1
        """
        return self._renamed("renamed", by, rules_script(rules or {}, wildcards or {}))

    def mask_ids(self, by: By | None = None) -> Log:
        """Call the parts of paths that are numbers, UUIDs or hashes of 16 hexadecimal digits or more `[id]`."""
        return self._renamed("masked", by, [script("masked")])

    def use_routes(self, by: By | None = None, many: int = 20, share: float = 0.05) -> Log:
        """Call paths by the templates that `route_templates` proposes."""
        return self._renamed("templated", by, routes_script(many, share))

    def group_rare(self, n: int | None = None, share: float | None = None, by: By | None = None) -> Log:
        """Call names with fewer than `n` steps, or less than a `share` of all steps, `(other)`; no step is lost."""
        return self._renamed("grouped", by, rare_script(n, share))

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
    def _alphabet(self, by: By | None) -> By:
        known_alphabet(by)
        if by is not None and by not in self.alphabets:
            raise StepsError(f"log: {unknown_name('column', by, self.alphabets)}")
        return by or self.alphabets[0]

    def _renamed(self, did: str, by: By | None, changed: Sequence[str]) -> Log:
        try:
            return self._narrowed(*renamed_script(self._alphabet(by), did, changed))
        except duckdb.InvalidInputException as error:
            raise ArgumentError(f"{did}: {error}") from error

    def _narrowed(self, *statements: str, has_outcome: bool | None = None) -> Log:
        """Return a log made from this one by statements, which find this one's tables under the name known_..."""
        known = "\n".join(
            f"CREATE OR REPLACE TEMP VIEW known_{table} AS FROM {self.schema}.{table};"
            for table in ("rows", "journeys", "observed", "changes")
        )
        path, place = new_schema(con, self.path)
        text = "\n\n".join([known, *before, scripts.read(query)])
        execute(con, text)
            script = "\n\n".join([known, *statements])
        outcome = self.has_outcome if has_outcome is None else has_outcome
        return replace(self, path=path, has_outcome=outcome, script=(*script, place, text))
