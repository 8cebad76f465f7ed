"""The nightly flow under a real Prefect: its state, and the artifacts it leaves."""

import os
from pathlib import Path

import pytest

from pipelines.workspace import Workspace


@pytest.mark.xdist_group("prefect")
def test_the_flow_publishes_and_a_second_one_finds_nothing_new(own_csv: Workspace, tmp_path: Path) -> None:
    os.environ |= {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }
    from prefect.artifacts import Artifact
    from prefect.testing.utilities import prefect_test_harness

    from pipelines.flows import nightly

    with prefect_test_harness(server_startup_timeout=120):
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
