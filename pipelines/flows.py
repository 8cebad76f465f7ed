"""The nightly flow: the main job under Prefect. It only lists the steps; the command line does the same without it.

Signals are Prefect's here. SIGTERM waits for the statement that runs, then the tasks and the flow end as Crashed and the
process by the signal; a worker that does not wait kills it. Either is as safe as a kill: readers keep the build they
have, and the next flow gives what an undisturbed one would have given. `journeys run` stops within two seconds.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from connectors.errors import SourceUnavailable
from pipelines.build import build, inputs, is_published
from pipelines.collect import land_sources
from pipelines.definition import load
from pipelines.expire import expire
from pipelines.publish import publish, sweep, write_outputs
from pipelines.quarantine import warn_of_quarantine
from pipelines.run import Outcome, read_findings, refuse_open_erasure
from pipelines.workspace import Workspace, locked, published

KPI_COLUMNS = ["kpi", "value", "low", "high", "n_units", "target", "status"]


def _say() -> Callable[[str], None]:
    return get_run_logger().info


def _is_worth_a_retry(_task: object, _run: object, state: object) -> bool:
    """A source that did not answer may answer later; nothing else gets better by itself."""
    try:
        state.result()  # type: ignore[attr-defined]
    except SourceUnavailable:
        return True
    except Exception:
        return False
    return False


# Every task reads data, so none may be answered from a cache.
@task(
    name="land", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[60, 600], retry_condition_fn=_is_worth_a_retry
)
def land_task(root: Path) -> int:
    """Land what is new in every source and let go what is older than is kept; return the number of records accepted."""
    workspace = Workspace(root)
    definition = load(workspace.definition)
    landed = land_sources(workspace, definition, _say())
    expire(workspace, definition, _say())
    warn_of_quarantine(workspace, definition, _say(), landed.entries)
    return landed.n_accepted


@task(name="build and audit", cache_policy=NO_CACHE)
def build_task(root: Path, as_of: datetime | None) -> tuple[str, Path | None]:
    """Build and audit what has landed; the folder is None when that build is published already."""
    workspace = Workspace(root)
    definition = load(workspace.definition)
    given = inputs(workspace, definition, as_of)
    if is_published(workspace, given):
        return given.build_id, None
    return given.build_id, build(workspace, definition, given, _say())


@task(name="publish", cache_policy=NO_CACHE)
def publish_task(root: Path, build_id: str, folder: Path) -> None:
    """Write the pages and KPI files of a build and let readers see it."""
    workspace = Workspace(root)
    write_outputs(folder, _say())
    publish(workspace, folder, build_id)
    sweep(workspace)


@flow(name="nightly", log_prints=False)
def nightly(workspace: Path, as_of: datetime | None = None) -> dict[str, object]:
    """Land, build, audit, mine and publish one workspace; return the outcome as plain values."""
    root = workspace.resolve()
    with locked(Workspace(root)):
        refuse_open_erasure(Workspace(root))
        n_landed = land_task(root)
        build_id, folder = build_task(root, as_of)
        if folder is not None:
            publish_task(root, build_id, folder)
        outcome = Outcome(root, build_id, folder is not None, n_landed, read_findings(Workspace(root)))
    _artifacts(outcome)
    return {name: value for name, value in outcome.as_json().items() if name != "findings"}


def _artifacts(outcome: Outcome) -> None:
    """Leave in Prefect what an operator wants to see first."""
    found = outcome.findings
    # The others may be about fewer than k people; the pages tell what may be told, and Prefect keeps what it is told.
    lines = [
        f"# Build {outcome.build_id}" + ("" if outcome.is_new else " (nothing new)"),
        f"- {found.people}",
    ]
    create_markdown_artifact("\n".join(lines), key="findings")
    create_link_artifact(outcome.files["map"].as_uri(), key="journey-map")
    folder = published(Workspace(outcome.workspace))
    # From the file for others, which tells nothing about fewer than k people.
    of_all = [("persona", "==", "(all)"), ("period", "==", "all")]
    told = pq.read_table(folder / "kpis" / "kpi_status.parquet", columns=KPI_COLUMNS, filters=of_all)
    create_table_artifact(told.sort_by("kpi").to_pylist(), key="kpi-status")
