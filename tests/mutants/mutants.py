"""Seeded bugs: each is a piece of the code, what is put in its place, and the tests that must notice."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """One bug: in `file`, `old` becomes `new`; one of `tests`, run with `environment`, must fail."""

    name: str
    bug: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    environment: dict[str, str]

    def applied_to(self, text: str) -> str:
        """Put the bug into the text of its file; raises ValueError where the piece is not there exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(
                f"The mutant {self.name} no longer applies: {self.file} holds its `old` {text.count(self.old)} times; "
                "anchor it anew in tests/mutants/mutants.toml."
            )
        return text.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """Read all seeded bugs."""
    listed = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text())
    return [
        Mutant(
            name,
            row["bug"],
            row["file"],
            row["old"].strip("\n"),
            row["new"].strip("\n"),
            tuple(row["tests"]),
            row.get("environment", {}),
        )
        for name, row in listed.items()
    ]
