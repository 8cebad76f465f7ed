"""One text, two engines: the models give the same rows on Apache Spark as on DuckDB, from the same landed files."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from connectors import manifest
from connectors.engine import connect, run
from connectors.keys import make_key
from pipelines import build, deliveries, models
from pipelines.collect import land_sources
from pipelines.definition import Definition, load
from pipelines.identity import make_identity_clusters
from pipelines.tables import definition_tables, local_days
from pipelines.warehouse import create, look_in, make_model, prepare
from pipelines.workspace import Workspace
from tests.spec.test_caps import NOBODYS, SOMEBODYS

pyspark = pytest.importorskip("pyspark")
pytestmark = [pytest.mark.spark, pytest.mark.data]

WANTED = ("events", "journey_steps", "sessions", "transitions")


def needed(wanted: tuple[str, ...]) -> list[str]:
    """The models that some models rest on, and themselves, in the order of the build."""
    found: set[str] = set()
    left = [*wanted]
    while left:
        name = left.pop()
        found.add(name)
        reads = models.tables_read(models.models()[name].sql) if name in models.models() else set(models.STEPS[name])
        left += (reads & {*models.models(), *models.STEPS}) - found
    return [name for name in models.build_order(models.models()) if name in found]


def spark_text(sql: str) -> str:
    """Write a model for Spark: the exact percentile keeps its name, which sqlglot would make an approximate one.

    >>> spark_text("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS m FROM t")
    'SELECT PERCENTILE(x, 0.5) AS m FROM t'
    """

    def exact(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.WithinGroup) and isinstance(node.this, exp.PercentileCont):
            return exp.Anonymous(
                this="PERCENTILE", expressions=[node.expression.expressions[0].this.copy(), node.this.this.copy()]
            )
        return node

    return sqlglot.parse_one(sql, read="duckdb").transform(exact).sql(dialect="spark")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["pyspark.sql.SparkSession"]:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def workspace(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Definition]:
    """Greenery, landed."""
    folder = tmp_path_factory.mktemp("greenery")
    copytree(Path(__file__).parents[2] / "examples" / "greenery", folder, dirs_exist_ok=True)
    make_key(folder / "journeys.key")
    here = Workspace(folder)
    definition = load(here.definition)
    land_sources(here, definition, lambda line: None)
    return here, definition


@pytest.fixture(scope="module")
def by_duckdb(workspace: tuple[Workspace, Definition]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table that the wanted ones rest on, made by DuckDB; Spark's are to be read beside them."""
    here, definition = workspace
    given = build.inputs(here, definition)
    con = connect(allowed=[here.root])
    for database in ("journeys", "scratch"):
        run(con, f"ATTACH ':memory:' AS {database}")
    run(con, "USE journeys")
    run(con, "CREATE SCHEMA journeys.work")
    prepare(con)
    look_in(con)
    for name, table in definition_tables(definition, models.kpi_models(), given.complete_until).items():
        create(con, f"journeys.main.{name}", table)
    deliveries.view_landed(con, here.landing, given.entries, definition)
    first, last = run(con, "SELECT min(occurred_at), max(occurred_at) FROM landed_events")[0]
    create(con, "scratch.main.local_days", local_days(first, last, definition.zone))
    for name in needed(WANTED):
        make_model(con, name)
    yield con
    con.close()


def identified(links: pa.Table, con: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """What the one step that is Python makes of some links."""
    own = connect()
    own.from_arrow(links).create("identity_links")
    for name in ("identifier_caps", "unlinked_identifiers"):
        own.from_arrow(con.table(name).to_arrow_table()).create(name)
    make_identity_clusters(own, "main")
    made = {name: own.table(name).to_arrow_table() for name in models.STEPS}
    own.close()
    return made


@pytest.fixture(scope="module")
def by_spark(spark, by_duckdb, workspace: tuple[Workspace, Definition]) -> Path:
    """The same tables made by Spark from the same landed files and definition, as Parquet."""
    here, _ = workspace
    out = here.root / "spark"
    out.mkdir()
    teach(spark)
    files = [str(here.landing / entry.events.path) for entry in manifest.read(here.landing) if entry.events]
    number = "load_seq * 4294967296 + _metadata.row_index AS event_no"
    spark.read.parquet(*files).selectExpr(
        number, "*", "CAST(NULL AS STRING) AS rule_properties"
    ).createOrReplaceTempView("landed_events")
    made = needed(WANTED)
    given = {
        table for name in made if name in models.models() for table in models.tables_read(models.models()[name].sql)
    }
    for name in given - {*made, "landed_events"}:
        pq.write_table(by_duckdb.table(name).to_arrow_table(), out / f"{name}.parquet")
        spark.read.parquet(str(out / f"{name}.parquet")).createOrReplaceTempView(name)
    for name in made:
        if name in models.STEPS:
            (out / name).mkdir()
            links = pq.read_table(out / "identity_links")
            pq.write_table(identified(links, by_duckdb)[name], out / name / "part.parquet")
        else:
            spark.sql(spark_text(models.models()[name].sql)).write.parquet(str(out / name))
        spark.read.parquet(str(out / name)).createOrReplaceTempView(name)
    return out


def teach(spark: "pyspark.sql.SparkSession") -> None:
    """Teach Spark the words in which engines differ."""
    for statement in statements((models.SQL / "engine" / "spark.sql").read_text()):
        spark.sql(statement)


def statements(text: str) -> list[str]:
    """Split a file of statements that end in a semicolon at the end of a line."""
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return [one.strip() for one in code.split(";\n") if one.strip()]


@pytest.mark.parametrize("name", WANTED)
def test_spark_and_duckdb_make_the_same_rows(name, by_duckdb, by_spark):
    """Every row and column; a percentile between two values is interpolated in another order, so doubles to 9 digits."""
    theirs = by_duckdb.read_parquet(f"{by_spark / name}/*.parquet")
    ours = by_duckdb.table(name)
    assert theirs.columns == ours.columns
    told = ", ".join(
        f"round({column}, 9) AS {column}" if str(kind) == "DOUBLE" else column
        for column, kind in zip(ours.columns, ours.types, strict=True)
    )
    by_duckdb.register("theirs", theirs.to_arrow_table())
    assert run(by_duckdb, f"SELECT count(*) > 0 FROM {name}") == [(True,)]
    assert run(by_duckdb, f"SELECT {told} FROM {name} EXCEPT ALL SELECT {told} FROM theirs LIMIT 5") == []
    assert run(by_duckdb, f"SELECT {told} FROM theirs EXCEPT ALL SELECT {told} FROM {name} LIMIT 5") == []


def test_spark_and_duckdb_take_the_same_values_for_nobodys(spark):
    teach(spark)
    con = connect()
    prepare(con)
    values = [(value,) for value in [*NOBODYS, *SOMEBODYS]]
    spark.createDataFrame(values, ["value"]).createOrReplaceTempView("written")
    theirs = {
        row.value: row.plain for row in spark.sql("SELECT value, plain_of(value) AS plain FROM written").collect()
    }
    ours = {value: run(con, "SELECT plain_of($value)", {"value": value})[0][0] for (value,) in values}
    con.close()
    assert theirs == ours
