"""Runs that are stopped, killed and starved, and the proof that nothing was lost."""

import pytest

pytest.register_assert_rewrite("tests.faults.proof")
