"""Checks of what is published: one build, sound tables, files that tell what they tell, explained history, nobody to recognise."""

import re
from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pyarrow.parquet as pq
from plotly.offline import get_plotlyjs

from connectors.engine import connect, run
from pipelines import models
from pipelines.errors import first_line, is_damage
from pipelines.live import AGAIN, Live
from pipelines.models import tables_read
from pipelines.publish import kpi_files

EMAIL = r"[A-Za-z0-9._+-]+(?:@|%40)[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)*[.][A-Za-z]{2,}"


def one_build(live: Live) -> Iterator[str]:
    """The database, every page and every shared table are of the build that `current` points to."""
    said = {"journeys.duckdb": run(live.con, "SELECT build_id FROM build")[0][0]}
    for path in sorted((live.folder / "reports").glob("*.html")):
        found = re.search(r"Build (\S+)", path.read_text())
        said[f"reports/{path.name}"] = found[1] if found else "none"
    for path in sorted((live.folder / "kpis").glob("*.parquet")):
        said[f"kpis/{path.name}"] = (pq.read_schema(path).metadata or {}).get(b"build_id", b"none").decode()
    for name, build_id in said.items():
        if build_id != live.build_id:
            yield f"{live.folder / name} is of build {build_id} and not {live.build_id}; {AGAIN}."


def tables(live: Live) -> Iterator[str]:
    """Every row can be read, those that the next build begins from too, and every check, slow ones as well, returns no row."""
    published, kept = _tables(live.con), _tables(live.con, "work")
    for name in sorted(published | {f"work.{name}" for name in kept}):
        try:
            live.con.table(name).aggregate("bit_xor(hash(COLUMNS(*)))").fetchall()
        except duckdb.Error as error:
            yield f"The table {name} of {live.folder} is damaged ({type(error).__name__}); {AGAIN}."
            return
    run(live.con, f"CREATE OR REPLACE TEMP VIEW outdated_records AS {models.models()['outdated_records'].sql}")
    for name, check in (models.checks() | models.slow_checks()).items():
        if check.header.get("severity") == "warn":
            continue
        if missing := tables_read(check.sql) - published - kept - {"outdated_records"}:
            yield f"The check {name} cannot be made: there is no table {min(missing)}; {AGAIN}."
            continue
        if offending := live.con.execute(check.sql).fetchmany(1):
            yield f"The check {name} failed ({check.description}): for example {offending[0]}; {AGAIN}."


def shared(live: Live) -> Iterator[str]:
    """The files of KPIs tell what the tables of KPIs do, but for what is withheld."""
    for name, told in kpi_files(live.con).items():
        path = live.folder / "kpis" / f"{name}.parquet"
        if not pq.read_table(path).equals(told):
            yield f"{path} and the table that it is made from differ; {AGAIN}."


def _tables(con: duckdb.DuckDBPyConnection, schema: str = "main") -> set[str]:
    sql = "SELECT table_name FROM duckdb_tables() WHERE schema_name = $schema AND database_name = current_database()"
    return {name for (name,) in run(con, sql, {"schema": schema})}


def history(live: Live) -> Iterator[str]:
    """A KPI of a closed day differs from one kept build to the next only with a restatement; what is remembered fits what is told."""
    for words, sql in REMEMBERED_WRONG.items():
        if found := run(live.con, sql):
            yield f"{words}: for example {found[0]}; {AGAIN}."
    kept = sorted((path for path in live.workspace.builds.glob("[!.]*")), key=lambda path: path.stat().st_mtime)
    for older, newer in pairwise(kept):
        con = connect(allowed=[live.workspace.builds])
        try:
            for name, folder in (("older", older), ("newer", newer)):
                run(con, ATTACH[name], {"file": str(folder / "journeys.duckdb")})
            if run(con, REMEMBERS) != [(2,)]:
                continue  # Built by a version that kept no restatements.
            for kpi, day, persona in run(con, UNEXPLAINED):
                yield (
                    f"{kpi} of {day} for {persona} was closed in build {older.name} and is another in {newer.name}, "
                    f"without a row in restatements; compare the two, and remove {older} or {AGAIN}."
                )
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            yield f"{older} or {newer} cannot be read ({first_line(error)}); remove the one that is not published."
        finally:
            con.close()


REMEMBERED_WRONG = {
    "The table person_changes tells of nobody published": """
SELECT changes.identifier
FROM person_changes AS changes
CROSS JOIN build
LEFT JOIN identifiers ON changes.identifier = identifiers.identifier
WHERE identifiers.identifier IS NULL
    OR changes.build_id = build.build_id AND NOT (changes.new_person_id IS NOT DISTINCT FROM identifiers.person_id)
""",
    "The table restatements tells another figure than kpi_daily": """
SELECT said.kpi, said.day, said.persona
FROM restatements AS said
JOIN build ON said.build_id = build.build_id
LEFT JOIN kpi_daily AS now ON said.kpi = now.kpi AND said.day = now.day AND said.persona = now.persona
WHERE NOT (said.new_value IS NOT DISTINCT FROM now.value AND said.new_n_units = coalesce(now.n_units, 0))
""",
}
ATTACH = {"older": "ATTACH $file AS older (READ_ONLY)", "newer": "ATTACH $file AS newer (READ_ONLY)"}
REMEMBERS = """
SELECT count(DISTINCT database_name)
FROM duckdb_tables()
WHERE database_name IN ('older', 'newer') AND schema_name = 'main' AND table_name = 'restatements'
"""
UNEXPLAINED = """
WITH figures AS (
    -- A day was closed for a persona whether or not it had a unit; that it had none is a figure too.
    SELECT kpi, day, persona, old.value AS old_value, new.value AS new_value,
        coalesce(old.n_units, 0) AS old_n_units, coalesce(new.n_units, 0) AS new_n_units
    FROM older.main.kpi_daily AS old
    FULL JOIN newer.main.kpi_daily AS new USING (kpi, day, persona)
    LEFT JOIN older.work.periods AS periods ON 'kpi:' || kpi = periods.measure AND periods.period = 'all'
    WHERE coalesce(old.is_closed, day <= periods.closed_on)
),
said AS (
    -- What the older build remembers already explains nothing that came after it.
    SELECT * FROM newer.main.restatements
    EXCEPT ALL
    SELECT * FROM older.main.restatements
)
SELECT figures.kpi, figures.day, figures.persona
FROM figures
ANTI JOIN said
    ON figures.kpi = said.kpi AND figures.day = said.day AND figures.persona = said.persona
    AND figures.new_value IS NOT DISTINCT FROM said.new_value AND figures.new_n_units = said.new_n_units
WHERE old_value IS DISTINCT FROM new_value OR old_n_units <> new_n_units
ORDER BY figures.day, figures.kpi, figures.persona
LIMIT 1
"""


def privacy(live: Live) -> Iterator[str]:
    """No e-mail address is in clear past the landing, but those of the definition; no shared cell is about few people."""
    own = set(re.findall(EMAIL, live.workspace.definition.read_text()))
    for name, column in run(live.con, TEXT_COLUMNS):
        found = live.con.table(name).filter(_holds_email(column)).limit(1).select(column).fetchall()
        if found and not own & set(re.findall(EMAIL, found[0][0])):
            yield f"The table {name} holds an e-mail address in clear, in {column}; leave that field out of its source, and land it again."
    for entry in live.entries:
        yield from _clear_in_landed(live, entry.source, entry.events.path if entry.events else None)
    library = set(re.findall(EMAIL, get_plotlyjs()))
    for path in sorted((live.folder / "reports").glob("*.html")):
        if set(re.findall(EMAIL, path.read_text())) - own - library:
            yield f"{path} holds an e-mail address in clear; look for it in the names of touchpoints and pages."
    k = live.definition.privacy.k
    for path in sorted((live.folder / "kpis").glob("kpi_*.parquet")):
        few = run(live.con, FEW, {"file": str(path), "k": k})
        if few[0][0]:
            yield f"{path} tells of fewer than {k} people in {few[0][0]:,} cells; {AGAIN}."


TEXT_COLUMNS = """
SELECT table_name, column_name
FROM duckdb_columns()
WHERE schema_name = 'main' AND NOT internal AND data_type = 'VARCHAR'
    AND table_name IN ('events', 'identifiers', 'people', 'sessions', 'journeys', 'journey_steps', 'kpi_units', 'coverage')
ORDER BY table_name, column_name
"""
FEW = "SELECT count(*) FROM read_parquet($file) WHERE coalesce(nullif(n_people, 0), n_units) BETWEEN 1 AND $k - 1"


def _holds_email(column: str) -> duckdb.Expression:
    return duckdb.FunctionExpression(
        "regexp_matches", duckdb.ColumnExpression(column), duckdb.ConstantExpression(EMAIL)
    )


def _clear_in_landed(live: Live, source: str, file: str | None) -> Iterator[str]:
    if file is None:
        return
    path = live.workspace.landing / file
    relation = live.con.read_parquet(str(path))
    texts = [name for name, kind in zip(relation.columns, relation.types, strict=True) if str(kind) == "VARCHAR"]
    for column in texts:
        if relation.filter(_holds_email(column)).limit(1).fetchall():
            yield f"{path} holds an e-mail address in clear, in {column}; leave it out of sources.{source} and land that again."
