"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import Phase, settings

from tests import drawn
from tests.examples import OF_A_TEST
from tests.sample import everything

settings.register_profile("repeatable", max_examples=OF_A_TEST, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", max_examples=3000, deadline=None, print_blob=True)
settings.register_profile("mutants", max_examples=160, deadline=None, derandomize=True, phases=[Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data sets; without it the test is skipped, or fails where JOURNEYS_REQUIRE_DATA=1."""
    folder = Path(os.environ.get("JOURNEYS_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        reason = f"no real data in {folder}; set JOURNEYS_DATA"
        pytest.fail(reason) if os.environ.get("JOURNEYS_REQUIRE_DATA") == "1" else pytest.skip(reason)
    os.environ["JOURNEYS_DATA"] = str(folder.resolve())
    return folder


@pytest.fixture(scope="session")
def model_of():
    """Build one model over drawn tables and compare: model_of(name, tables, expected)."""
    return drawn.model_of


@pytest.fixture(scope="session")
def kpi_of():
    """Build one KPI as of an instant and compare its units: kpi_of(name, as_of, tables, expected)."""
    return drawn.kpi_of


@pytest.fixture(scope="session")
def sample() -> Iterator[duckdb.DuckDBPyConnection]:
    """A small made-up build with everything in it, to be read."""
    con = everything()
    yield con
    con.close()


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection for many generated examples; each makes its tables anew."""
    con = drawn.warehouse()
    yield con
    con.close()
