"""The nightly flow under a real Prefect: its state, the artifacts it leaves, and what is left when it is called off."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.run import run
from pipelines.workspace import Workspace
from tests.commands import journeys
from tests.faults import shop
from tests.faults.proof import assert_recovered, current
from tests.functional.small_shop import ask

pytestmark = pytest.mark.xdist_group("prefect")
FLOW = "import sys; from pathlib import Path; from pipelines.flows import nightly; nightly(Path(sys.argv[1]))"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server of our own; its address."""
    os.environ |= {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield str(PREFECT_API_URL.value())


@pytest.mark.usefixtures("server")
def test_the_flow_publishes_and_a_second_one_finds_nothing_new(own_csv: Workspace) -> None:
    from prefect.artifacts import Artifact

    from pipelines.flows import nightly

    state = nightly(own_csv.root, return_state=True)
    assert state.is_completed(), state.message
    outcome = state.result()
    assert outcome["is_new"] is True
    findings = Artifact.get("findings")
    assert outcome["build_id"] in str(findings.data)
    assert Path(str(own_csv.current / "reports" / "journey_map.html")).exists()
    assert "journey_map.html" in str(Artifact.get("journey-map").data)
    assert "conversion_rate" in str(Artifact.get("kpi-status").data)
    assert nightly(own_csv.root)["is_new"] is False
    own_csv.definition.write_text("name: broken")
    assert nightly(own_csv.root, return_state=True).is_failed()


def test_after_sigterm_readers_see_the_old_build_and_the_next_flow_gives_what_an_undisturbed_run_gives(
    server: str, tmp_path: Path
) -> None:
    from pipelines.flows import nightly

    root, undisturbed = tmp_path / "shop", tmp_path / "undisturbed"
    shop.make(root)
    run(Workspace(root), lambda line: None)
    shop.deliver(root, 2)
    shutil.copytree(root, undisturbed, symlinks=True)
    run(Workspace(undisturbed), lambda line: None)
    before = current(root)
    stopped = subprocess.run(
        [sys.executable, "-c", FLOW, str(root)],
        env=os.environ | {"PREFECT_API_URL": server, "JOURNEYS_FAILPOINT": "D6:term"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert stopped.returncode == -signal.SIGTERM, stopped.stderr
    assert "Crashed" in stopped.stderr
    assert current(root) == before
    assert nightly(root)["is_new"] is True
    assert_recovered(root, undisturbed)


@pytest.mark.usefixtures("server")
def test_the_flow_publishes_nobody_anew_whose_erasure_was_cut_short(copied_shop: Workspace) -> None:
    from pipelines.flows import nightly

    journeys("erase", "person", "ann-77", "--workspace", str(copied_shop.root), JOURNEYS_FAILPOINT="E1")
    before = current(copied_shop.root)
    state = nightly(copied_shop.root, return_state=True)
    assert state.is_failed()
    assert "was cut short; run `journeys erase person" in str(state.message)
    assert current(copied_shop.root) == before


@pytest.mark.usefixtures("server")
def test_the_flow_lets_go_what_is_older_than_is_kept(copied_shop: Workspace) -> None:
    """The last event is of 20 June; 18 days before is 2 June, so that all of May goes."""
    from pipelines.flows import nightly

    copied_shop.definition.write_text(copied_shop.definition.read_text() + "retention: {events: 18d}\n")
    assert nightly(copied_shop.root)["is_new"] is True
    assert {row[0] for row in ask(copied_shop, "SELECT DISTINCT user_id FROM events")} == {"dee-11"}
