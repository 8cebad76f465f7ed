"""sql/ is written in what every engine reads alike; what is not says so, with what to write instead."""

import pytest

from pipelines import models
from tests.rules.portable import ENGINES, INSTEAD, findings, words

FILES = {**models.models(), **models.checks(), **models.slow_checks()}


def test_every_file_is_looked_at():
    assert {path.stem for path in models.SQL.rglob("*.sql") if path.parent.name != "engine"} == {*FILES}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_written_in_what_every_engine_reads_alike(name):
    assert [str(one) for one in findings(FILES[name].sql)] == []


def test_every_engine_is_taught_the_same_words():
    assert {engine: words(engine) for engine in ENGINES} == dict.fromkeys(ENGINES, words("duckdb"))
    assert "id_of" in words("spark")


REFUSED = [
    ("SELECT x FROM a QUALIFY row_number() OVER (ORDER BY event_id) = 1", "common table expression"),
    ("SELECT * FROM a ASOF JOIN b ON a.x = b.x AND a.t >= b.t", "ASOF"),
    ("SELECT * FROM a NATURAL JOIN b", "NATURAL"),
    ("SELECT list(x ORDER BY y) FROM a", "lists"),
    ("SELECT string_agg(x, ',' ORDER BY y) FROM a", "lists"),
    ("SELECT {'a': x} AS y FROM a", "structs"),
    ("SELECT struct_pack(a := x) AS y FROM a", "structs"),
    ("SELECT [x, y] AS z FROM a", "lists"),
    ("SELECT x[1:3] FROM a", "lists"),
    ("SELECT unnest(x) FROM a", "lists"),
    ("PIVOT a ON x USING sum(y)", "CASE WHEN"),
    ("SELECT date_diff('second', a, b) FROM x", "secs_between(a, b)"),
    ("SELECT t + INTERVAL 1 DAY FROM a", "plus_days(d, n)"),
    ("SELECT t - INTERVAL '30 minutes' FROM a", "plus_seconds(t, n)"),
    ("SELECT epoch_us(x) FROM a", "micros(t)"),
    ("SELECT * FROM a GROUP BY ALL", "names of the columns"),
    ("SELECT x, count(*) FROM a GROUP BY 1", "names of the columns"),
    ("SELECT count(*) FILTER (x) FROM a", "CASE WHEN"),
    ("SELECT count(DISTINCT (x, y)) FROM a", "SELECT DISTINCT"),
    ("SELECT quantile_cont(x, 0.5) FROM a", "percentile_cont"),
    ("SELECT percentile_cont(0.5) FROM a", "WITHIN GROUP"),
    ("SELECT median(x) FROM a", "percentile_cont"),
    ("SELECT arg_min(x, y) FROM a", "row_number()"),
    ("SELECT first(x) FROM a", "row_number()"),
    ("SELECT any_value(x) FROM a", "min(x)"),
    ("SELECT DISTINCT ON (x) x, y FROM a", "row_number()"),
    ("SELECT x FROM a LIMIT 3", "row_number()"),
    ("SELECT avg(x) FROM a", "sum(x)"),
    ("SELECT round(x, 2) FROM a", "halves"),
    ("SELECT approx_count_distinct(x) FROM a", "count(DISTINCT x)"),
    ("SELECT hash(x) FROM a", "sql/engine"),
    ("SELECT md5(x) FROM a", "id_of(name)"),
    ("SELECT dayofweek(x) FROM a", "days of the week"),
    ("SELECT x -> '$.a' FROM a", "property_of(json, name)"),
    ("SELECT regexp_matches(x, 'a.*') FROM a", "LIKE"),
    ("SELECT x ILIKE 'A%' FROM a", "LIKE"),
    ("SELECT random()", "chance"),
    ("SELECT now()", "clock"),
    ("SELECT current_date", "clock"),
    ("SELECT COLUMNS('a') FROM a", "tests/rules/portable.py"),
    ("SELECT * REPLACE (x + 1 AS x) FROM a", "by name"),
    ("SELECT x::HUGEINT FROM a", "one of BIGINT"),
    ("SELECT CAST(x AS TIMESTAMPTZ) FROM a", "one of BIGINT"),
    ("SELECT CAST(x AS STRUCT(a INT)) FROM a", "one of BIGINT"),
    ("SELECT TRY_CAST(x AS BIGINT) FROM a", "CAST of what landing"),
    ("SELECT a / b FROM x", "nullif(b, 0)"),
    ("SELECT a / 0 FROM x", "nullif(b, 0)"),
    ("SELECT count(x) / nullif(b, 0) FROM a GROUP BY b", "CAST(a AS DOUBLE)"),
    ("SELECT a // b FROM x", "a // n"),
    ("SELECT a % 2 FROM x", "negative numbers"),
    ("SELECT x FROM a UNION BY NAME SELECT y FROM b", "one order"),
    ("SELECT row_number() OVER (PARTITION BY person_id) FROM events", "ORDER BY"),
    ("SELECT row_number() OVER (PARTITION BY person_id ORDER BY occurred_at) FROM events", "total order"),
    ("SELECT lag(x) OVER w FROM events WINDOW w AS (PARTITION BY person_id ORDER BY occurred_at)", "total order"),
    ("SELECT sum(x) OVER (ORDER BY t ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM events", "total order"),
    ("SELECT max(x) OVER (w ROWS UNBOUNDED PRECEDING) FROM a WINDOW w AS (ORDER BY event_id)", "whole window"),
    ("SELECT (x, y) AS z FROM a", "lists"),
    ("SELECT last_value(x) OVER (ORDER BY event_id) FROM events", "ROWS BETWEEN"),
]


@pytest.mark.parametrize(("sql", "instead"), REFUSED)
def test_what_engines_read_differently_is_refused_with_what_to_write_instead(sql, instead):
    assert any(instead in one.instead for one in findings(sql)), [str(one) for one in findings(sql)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(count(*) AS DOUBLE) / nullif(n, 0) AS share FROM a GROUP BY n",
        "SELECT *, lag(x) OVER (PARTITION BY p ORDER BY t, event_id) AS before FROM a",
        "SELECT sum(x) OVER (PARTITION BY p) AS whole FROM a",
        "SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY x) AS tail FROM a",
        "SELECT x, grouping(y) AS z FROM a GROUP BY GROUPING SETS ((x, y), (x))",
        "SELECT (n + 1) // 2 AS half FROM a",
    ],
)
def test_what_is_on_the_list_is_accepted(sql):
    assert findings(sql) == []


def test_every_sentence_belongs_to_something_that_is_refused():
    said = {one.instead for sql, _ in REFUSED for one in findings(sql)}
    assert {name for name, instead in INSTEAD.items() if instead not in said} == set()
