"""The subset of DuckDB's SQL that engines read alike: what may stand in sql/, and what to write instead of the rest.

A file is read by sqlglot; each kind of node in it must be on the list, so that what nobody thought of is refused too.
`python -m tests.rules.portable` says what it finds, as file: what: what to write instead.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from pipelines import models

ENGINES = ("duckdb", "spark")
TYPES = {"BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "INT", "TEXT", "TIMESTAMP", "VARCHAR"}
ORDERED_BY = {
    "bout_no", "event_id", "event_no", "event_number", "first_touch_number", "line_no", "login_number", "seconds", "session_id",
    "step_number", "touch_number", "unit_id", "visit_no", "visit_number",
}  # fmt: skip
"""What tells two rows of a partition apart: an order that ends in one of these is total."""
NEVER_ZERO = {"n_units"}
"""Counts of a group's own rows."""
ALLOWED = {
    "Add", "Alias", "And", "Anonymous", "Between", "Boolean", "CTE", "Case", "Cast", "Ceil", "Coalesce", "Column",
    "Count", "DPipe", "DataType", "DataTypeParam", "Distinct", "Div", "EQ", "Escape", "Exists", "FirstValue",
    "Floor", "From", "GT", "GTE", "Grouping", "GroupingSets", "Greatest", "Group", "Having", "Identifier", "If", "IgnoreNulls", "In", "IntDiv",
    "Is", "Join", "LT", "LTE", "Lag", "LastValue", "Lead", "Least", "Like", "Literal", "Max", "Min", "Mul", "NEQ",
    "Neg", "Not", "Null", "NullSafeEQ", "Nullif", "Or", "Order", "Ordered", "Paren", "PercentileCont", "RowNumber",
    "Select", "SplitPart", "Sqrt", "Star", "StartsWith", "Sub", "Subquery", "Sum", "Table", "TableAlias",
    "TimestampTrunc", "Tuple", "Union", "Var", "Where", "Window", "WindowSpec", "With", "WithinGroup",
}  # fmt: skip
"""The nodes, as sqlglot names them, that mean the same on every engine."""
CLOCK = "an argument: derived data is a function of what landed, not of the clock or of chance"
SECONDS = "secs_between(a, b): engines differ in whether they count boundaries or whole units"
LATER = "plus_seconds(t, n) or plus_days(d, n)"
ONE_ROW = "rows: engines differ in lists and structs, and lose their order"
FIRST = "row_number() over a total order, then the row numbered 1: which one of several is first differs"
INSTEAD = {
    "AnyValue": "min(x) or max(x): which value it takes is left to the engine",
    "ApproxDistinct": "count(DISTINCT x): an estimate differs from engine to engine",
    "ArgMax": FIRST,
    "ArgMin": FIRST,
    "Array": ONE_ROW,
    "ArrayAgg": ONE_ROW,
    "Avg": "CAST(sum(x) AS DOUBLE) / nullif(count(x), 0): the mean of DECIMALs has another scale elsewhere",
    "Bracket": ONE_ROW,
    "CurrentDate": CLOCK,
    "CurrentTimestamp": CLOCK,
    "DateAdd": LATER,
    "DateDiff": SECONDS,
    "DateSub": LATER,
    "DayOfWeek": "a word in sql/engine: engines count days of the week from different days",
    "Filter": "count(CASE WHEN ... THEN 1 END): not every engine has FILTER",
    "First": FIRST,
    "GroupConcat": ONE_ROW,
    "ILike": "LIKE on what landing has made lower case",
    "Interval": LATER,
    "JSONExtract": "property_of(json, name)",
    "JSONExtractScalar": "property_of(json, name)",
    "Last": FIRST,
    "Limit": "row_number() over a total order: which rows LIMIT keeps is left to the engine",
    "MD5": "id_of(name)",
    "Median": "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)",
    "Mod": "a CASE, or a word in sql/engine: engines differ on negative numbers",
    "Pivot": "max(CASE WHEN ... END) per column",
    "Quantile": "percentile_cont(q) WITHIN GROUP (ORDER BY x)",
    "Rand": CLOCK,
    "RegexpLike": "LIKE: regular expressions are not one language",
    "RegexpReplace": "LIKE: regular expressions are not one language",
    "Round": "the number itself: engines round halves, and doubles, differently",
    "Struct": ONE_ROW,
    "TimestampDiff": SECONDS,
    "TryCast": "CAST of what landing has already parsed",
    "Explode": ONE_ROW,
}
"""What to write instead of a node that is not on the list."""
FUNCTIONS = {
    "epoch_ms": "micros(t)",
    "epoch_us": "micros(t)",
    "now": CLOCK,
    "random": CLOCK,
    "time_bucket": "quarter_of(t)",
    "to_seconds": LATER,
}
"""What to write instead of a function that sqlglot does not know either."""
OTHERWISE = "what the list in tests/rules/portable.py has, or a word in every file of sql/engine"


@dataclass(frozen=True)
class Finding:
    """What is not portable, as it stands in the text, and what to write instead."""

    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.what}: write {self.instead}"


def words(engine: str) -> set[str]:
    """The words that an engine is taught in its file of sql/engine."""
    return set(re.findall(r"(?:MACRO|FUNCTION) (\w+)\(", (models.SQL / "engine" / f"{engine}.sql").read_text()))


WORDS = set.intersection(*(words(engine) for engine in ENGINES))


def findings(sql: str) -> list[Finding]:
    """Find what engines read differently, or not at all, in a statement.

    >>> [str(one) for one in findings("SELECT now() AS t FROM events")][0][:46]
    'NOW(): write an argument: derived data is a fu'
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    return list(dict.fromkeys(found for node in tree.walk() for found in _of(node)))


def _of(node: exp.Expression) -> Iterator[Finding]:
    name = type(node).__name__
    if name not in ALLOWED:
        yield Finding(_text(node), INSTEAD.get(name, OTHERWISE))
    for kind, rule in RULES:
        if isinstance(node, kind) and (instead := rule(node)):
            yield Finding(_text(node), instead)


def _text(node: exp.Expression) -> str:
    text = " ".join(node.sql("duckdb").split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _function(node: exp.Anonymous) -> str:
    return "" if node.name in WORDS else FUNCTIONS.get(node.name.lower(), OTHERWISE)


def _join(node: exp.Join) -> str:
    return "a join ON columns: ASOF, POSITIONAL and NATURAL joins are not everywhere" if node.args.get("method") else ""


def _grouping(node: exp.Group) -> str:
    if node.args.get("all"):
        return "the names of the columns"
    by_number = any(isinstance(one, exp.Literal) for one in node.expressions)
    return "the names of the columns: a number means a constant elsewhere" if by_number else ""


def _select(node: exp.Select) -> str:
    if node.args.get("qualify"):
        return "a common table expression with the window, and WHERE outside it, for QUALIFY"
    distinct = node.args.get("distinct")
    return f"for DISTINCT ON {FIRST}" if distinct and distinct.args.get("on") else ""


def _type(node: exp.DataType) -> str:
    kind = node.sql("duckdb").split("(")[0]
    return "" if kind in TYPES else f"one of {', '.join(sorted(TYPES))}"


def _division(node: exp.Div) -> str:
    divisor = node.expression.unnest()
    is_safe = (
        isinstance(divisor, exp.Nullif)
        or (divisor.is_number and float(divisor.name) != 0)
        or divisor.name in NEVER_ZERO
    )
    if not is_safe:
        return "a / nullif(b, 0): a division by zero is NULL here, an error there"
    # A count is whole: some engines would cut off the decimals.
    whole = node.this.unnest()
    return (
        "CAST(a AS DOUBLE) / nullif(b, 0): whole numbers divide to a whole number elsewhere" if _is_whole(whole) else ""
    )


def _is_whole(node: exp.Expression) -> bool:
    return isinstance(node, exp.Count | exp.Literal) and not (node.is_number and "." in node.name)


def _whole_division(node: exp.IntDiv) -> str:
    return "" if node.expression.is_number and float(node.expression.name) > 0 else "a // n with a number n above 0"


def _percentile(node: exp.PercentileCont) -> str:
    return "" if isinstance(node.parent, exp.WithinGroup) else "percentile_cont(q) WITHIN GROUP (ORDER BY x)"


def _count(node: exp.Count) -> str:
    inner = node.this
    is_pair = isinstance(inner, exp.Distinct) and (
        len(inner.expressions) > 1 or isinstance(inner.expressions[0], exp.Tuple)
    )
    return (
        "count(*) over a SELECT DISTINCT: several columns with a NULL among them count differently" if is_pair else ""
    )


def _star(node: exp.Star) -> str:
    changed = node.args.get("replace") or node.args.get("rename")
    return "the columns by name for * REPLACE and * RENAME" if changed else ""


def _tuple(node: exp.Tuple) -> str:
    return "" if isinstance(node.parent, exp.GroupingSets) else ONE_ROW


def _union(node: exp.Union) -> str:
    return "the columns in one order for UNION BY NAME" if node.args.get("by_name") else ""


def _window(node: exp.Window) -> str:
    """A window's rows come in one order only, and it says which of them it means."""
    order, function = node.args.get("order"), node.this
    if isinstance(function, exp.IgnoreNulls):
        function = function.this
    if node.args.get("alias") is not None and order is None:
        return "the whole window: only a few engines extend a named one" if node.args.get("spec") else ""
    if order is None:
        is_whole = isinstance(function, exp.Sum | exp.Count | exp.Min | exp.Max)
        return "" if is_whole else "an order, with ORDER BY in the window"
    if order.expressions[-1].this.name not in ORDERED_BY:
        return f"a total order: let it end in one of {', '.join(sorted(ORDERED_BY))}"
    is_framed = node.args.get("spec") is not None or node.args.get("alias") is not None
    if isinstance(function, exp.LastValue) and not is_framed:
        return "ROWS BETWEEN ... with last_value: without it the last value is the current one"
    return ""


RULES: list[tuple[type[exp.Expression], Callable[..., str]]] = [
    (exp.Anonymous, _function),
    (exp.Count, _count),
    (exp.DataType, _type),
    (exp.Div, _division),
    (exp.Group, _grouping),
    (exp.IntDiv, _whole_division),
    (exp.Join, _join),
    (exp.PercentileCont, _percentile),
    (exp.Select, _select),
    (exp.Star, _star),
    (exp.Tuple, _tuple),
    (exp.Union, _union),
    (exp.Window, _window),
]


def main() -> int:
    """Say what is not portable in sql/, and how many findings there are by the exit code."""
    found = [
        f"{name}.sql: {one}"
        for name, model in {**models.models(), **models.checks(), **models.slow_checks()}.items()
        for one in findings(model.sql)
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return min(len(found), 100)


if __name__ == "__main__":
    raise SystemExit(main())
