"""The seeded bugs of the mutation gate still are what they say."""

import subprocess
import sys

import pytest

from tests.mutants.mutants import ROOT, Mutant, mutants


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """The name of every test that there is, and of every function, class and file with one."""
    files = sorted({test.split("::")[0] for mutant in mutants() for test in mutant.tests})
    command = [sys.executable, "-m", "pytest", "--collect-only", *files]
    tests = [
        line
        for line in subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
        if "::" in line
    ]
    functions = {test.partition("[")[0] for test in tests}
    return {*tests, *functions, *(function.rpartition("::")[0] for function in functions)}


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_every_seeded_bug_applies_and_names_tests_that_are_there(mutant: Mutant, collected: set[str]) -> None:
    text = (ROOT / mutant.file).read_text()
    assert mutant.applied_to(text) != text
    assert [test for test in mutant.tests if test not in collected] == []
