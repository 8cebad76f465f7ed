"""The seeded bugs of the mutation gate still are what they say."""

import pytest

from tests.mutants.mutants import ROOT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_every_seeded_bug_applies_and_names_tests_that_are_there(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()
    assert mutant.applied_to(text) != text
    assert [path for path in mutant.tests if not (ROOT / path.split("::")[0]).exists()] == []
