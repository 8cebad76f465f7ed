"""What makes another log of a log: fewer steps, fewer journeys, sessions as journeys, other names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Self

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from journey_mining import scripts
from journey_mining.cleaning.renaming import collapsed_script, rare_script, renamed_script, rules_script, script
from journey_mining.cleaning.routes import routes_script
from journey_mining.columns import column_of, require_askable
from journey_mining.comparing.segments import require_values
from journey_mining.durations import duration
from journey_mining.errors import ArgumentError, StepsError, first_line, unknown_name
from journey_mining.flows.matches import find_matches
from journey_mining.prepared import (
    HOW_TO_KEEP,
    By,
    Prepared,
    cursor,
    drop_log,
    dropped_when_forgotten,
    execute,
    new_schema,
    require_alphabet,
)
from journey_mining.steps import opened


class Narrowable(Prepared):
    """A log that others are made from. It is not changed by that; it lives until it is closed or forgotten."""

    def filter(self, condition: str | duckdb.Expression) -> Self:
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
        if not isinstance(condition, str | duckdb.Expression):
            raise ArgumentError(
                f"filter: give a condition in DuckDB's words, such as \"event <> 'ping'\", not {condition!r}"
            )
        try:
            kept = self._rows().filter(condition)
            return self._narrowed(
                f"CREATE OR REPLACE TEMP VIEW kept AS {kept.sql_query()};", scripts.read("base/narrowed")
            )
        except duckdb.Error as error:
            raise ArgumentError(f"filter: {condition!r} is no condition on a step: {first_line(error)}") from error

    def segment(self, column: str, *values: object) -> Self:
        """Keep the journeys whose first step has one of these values in a column: what was known at their start.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann", "ann", "bob"], "event": ["home", "cart", "home"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"]), "device": ["phone", "desk", "desk"]}),
        ...     person="person", event="event", time="time", keep=["device"])
        >>> log.segment("device", "phone").transitions().table[["from", "to", "n_journeys"]]
              from     to  n_journeys
        0  (start)   home           1
        1     cart  (end)           1
        2     home   cart           1
        """
        require_askable("log", [column], (*self.alphabets, *self.columns), hint=HOW_TO_KEEP)
        first = self._rows().filter(ColumnExpression("step_number") == ConstantExpression(1))
        value = column_of(first, column).cast("VARCHAR").alias("value")
        first = first.select(ColumnExpression("journey_no"), value)
        wanted_values = [str(value) for value in values]
        known = {value for (value,) in first.select("value").distinct().fetchall()} - {None}
        require_values(column, wanted_values, known)
        wanted = scripts.shown(scripts.read("base/first_values"), {"values": wanted_values})
        steps = f"CREATE OR REPLACE TEMP VIEW first_steps AS {first.sql_query()};"
        return self._narrowed(steps, wanted, scripts.read("base/narrowed"))

    def sessions(self, gap: str | timedelta | None = None) -> Self:
        """Take each session as a journey: a run without a silence longer than `gap` ("30m"), or what the source says.

        By the source's own, steps without a session are left out; `grains` counts them.

        A session is open, and so in no rate, if the gap since its last step was not over as of the end of what is known;
        one of the source's own never is.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann", "ann", "bob"], "event": ["home", "cart", "home"],
        ...     "time": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 11:00", "2024-05-01 11:05"])}),
        ...     person="person", event="event", time="time")
        >>> log.sessions("30m").transitions().table[["from", "to", "n_journeys", "n_open"]].head(2)
              from     to  n_journeys  n_open
        0  (start)   home           1       1
        1     home  (end)           1       0
        """
        if gap is None and "session_id" not in self.columns:
            raise ArgumentError("sessions: this log has none of its own; give a gap, such as '30m', to cut at")
        length = None if gap is None else duration(gap)
        cut = scripts.read("base/source_sessions" if gap is None else "base/gap_sessions")
        both = (scripts.shown(text, {"gap": length}) for text in (cut, scripts.read("base/sessions")))
        return self._narrowed(*both, has_outcome=False)

    def collapse(self, by: By | None = None) -> Self:
        """Leave out the steps that repeat the name of the step before; `changes` tells how many.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann"] * 3, "event": ["home", "home", "cart"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03"])}), person="person", event="event", time="time")
        >>> print(*log.collapse().variants().table["path"][0])
        home cart
        """
        return self._narrowed(*collapsed_script(self._alphabet(by)))

    def rename(
        self, rules: Mapping[str, str] | None = None, wildcards: Mapping[str, str] | None = None, by: By | None = None
    ) -> Self:
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

    def mask_ids(self, by: By | None = None) -> Self:
        """Call the parts of paths that are numbers, UUIDs or hashes of 16 hexadecimal digits or more `[id]`.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann"] * 2, "event": ["/user/7", "/user/12/edit"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02"])}), person="person", event="event", time="time")
        >>> print(*log.mask_ids().variants().table["path"][0])
        /user/[id] /user/[id]/edit
        """
        return self._renamed("masked", by, [script("masked")])

    def use_routes(self, by: By | None = None, many: int = 20, share: float = 0.05) -> Self:
        """Call paths by the templates that `route_templates` proposes.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann"] * 2, "event": ["/user/7?tab=2", "/home/"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02"])}), person="person", event="event", time="time")
        >>> print(*log.use_routes().variants().table["path"][0])
        /user/[id] /home
        """
        return self._renamed("templated", by, routes_script(many, share))

    def group_rare(self, n: int | None = None, share: float | None = None, by: By | None = None) -> Self:
        """Call names with fewer than `n` steps, or less than a `share` of all steps, `(other)`; no step is lost.

        >>> import pandas as pd
        >>> from journey_mining import from_pandas
        >>> log = from_pandas(pd.DataFrame({"person": ["ann"] * 3, "event": ["home", "faq", "home"],
        ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03"])}), person="person", event="event", time="time")
        >>> print(*log.group_rare(n=2).variants().table["path"][0])
        home (other) home
        """
        return self._renamed("grouped", by, rare_script(n, share))

    def matching(self, pattern: str, by: By | None = None) -> Self:
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
            statements = (scripts.read("flows/matching"), scripts.read("base/narrowed"))
            return self._narrowed_on(analysis.con, analysis.script, statements, self.has_outcome)

    def close(self) -> None:
        """Give the memory back, also that of all logs made from this one."""
        self.con.close()

    def _rows(self) -> duckdb.DuckDBPyRelation:
        return cursor(self).table(f"{self.schema}.rows")

    def _alphabet(self, by: By | None) -> By:
        require_alphabet(by)
        if by is not None and by not in self.alphabets:
            raise StepsError(f"by: {unknown_name('column', by, self.alphabets)}")
        return by or self.alphabets[0]

    def _renamed(self, did: str, by: By | None, changed: Sequence[str]) -> Self:
        try:
            return self._narrowed(*renamed_script(self._alphabet(by), did, changed))
        except duckdb.InvalidInputException as error:
            raise ArgumentError(f"rename: {first_line(error)}; write an expression of RE2") from error

    def _narrowed(self, *statements: str, has_outcome: bool | None = None) -> Self:
        """Return a log made from this one by statements, which find this one's tables under the name known_..."""
        with closing(cursor(self)) as con:
            outcome = self.has_outcome if has_outcome is None else has_outcome
            return self._narrowed_on(con, self.script, statements, outcome)

    def _narrowed_on(
        self, con: duckdb.DuckDBPyConnection, before: Sequence[str], statements: Sequence[str], has_outcome: bool
    ) -> Self:
        """The same on a connection on which the script `before` has run."""
        known = "\n".join(
            f"CREATE OR REPLACE TEMP VIEW known_{table} AS FROM {self.schema}.{table};"
            for table in ("rows", "journeys", "observed", "changes")
        )
        path, place = new_schema(con, self.path)
        text = "\n\n".join([known, *statements])
        try:
            execute(con, text)
        except BaseException:
            drop_log(self.con, path[0])
            raise
        narrowed = replace(self, path=path, has_outcome=has_outcome, script=(*before, place, text), made_from=self)
        dropped_when_forgotten(narrowed)
        return narrowed
