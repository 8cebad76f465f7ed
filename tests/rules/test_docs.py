"""Documents that fail the build when they lie."""

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
import typer.main
from pydantic import BaseModel

from connectors.api_settings import Patience
from connectors.mapping import FIELDS
from connectors.registry import SOURCES
from pipelines import definition_parts, models, source_parts
from pipelines.cli import app
from pipelines.definition import load
from pipelines.definition_parts import Role
from pipelines.errors import EXIT_CODES

ROOT = Path(__file__).parents[2]


def is_model(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel) and part.__module__.startswith("pipelines.")


README = (ROOT / "README.md").read_text()
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_the_readme_lists_every_command() -> None:
    cells = re.findall(r"^\| (`.+?`) \|", README.split("## The commands")[1], re.MULTILINE)
    assert set(re.findall(r"`(?:journeys )?([a-z]+)", " ".join(cells))) == COMMANDS


def test_every_command_teaches_itself() -> None:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert command.help, name


def test_the_help_tells_the_exit_codes() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for code in EXIT_CODES:
        assert re.search(rf"\b{code}\s", told), code


def test_the_connectors_readme_lists_every_connector() -> None:
    text = (ROOT / "connectors" / "README.md").read_text()
    assert set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE)) == set(SOURCES)


def test_the_sql_readme_names_every_model() -> None:
    text = (ROOT / "sql" / "README.md").read_text()
    kpis = set(models.kpi_models())
    assert [name for name in models.models() if name not in kpis and f"`{name}`" not in text] == []


def test_the_glossary_names_every_role() -> None:
    line = next(line for line in (ROOT / "GLOSSARY.md").read_text().splitlines() if line.startswith("| **role**"))
    assert set(re.findall(r"`(\w+)`", line)) == set(get_args(Role))


DOCUMENTS = [
    "README.md",
    "DEVELOPERS.md",
    "GLOSSARY.md",
    "CHANGELOG.md",
    "benchmarks/NOTES.md",
    "connectors/README.md",
    "sql/README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
    *(f"examples/{path.parent.name}/README.md" for path in sorted((ROOT / "examples").glob("*/README.md"))),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_and_paths_lead_somewhere(document: str) -> None:
    path = ROOT / document
    text = path.read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", re.sub(r"`[^`]*`", "", text)):
        assert (path.parent / target).exists(), target
    for target in re.findall(
        r"`((?:sql|connectors|pipelines|journey_mining|docs|tests|notebooks|benchmarks|examples)/[\w./]*\w)`", text
    ):
        assert (ROOT / target).exists(), target


MODELS = [
    *(part for module in (definition_parts, source_parts) for part in vars(module).values() if is_model(part)),
    *(import_module(f"connectors.{name}").Config for name in ("mapping", "shop_orders", "zendesk", "ga4_export")),
    Patience,
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_every_key_of_journey_yaml_is_explained(model: type[BaseModel]) -> None:
    text = (ROOT / "docs" / "journey_yaml.md").read_text()
    assert [name for name in model.model_fields if not re.search(rf"`{name}`|[{{ ]{name}: ", text)] == []


def test_every_field_of_an_event_is_explained() -> None:
    text = (ROOT / "docs" / "journey_yaml.md").read_text()
    assert [name for name in FIELDS if f"`{name}`" not in text] == []


@pytest.mark.parametrize("folder", sorted((ROOT / "examples").iterdir()), ids=lambda folder: folder.name)
def test_every_example_is_right_and_names_its_data_and_licence(folder: Path) -> None:
    load(folder / "journey.yaml")
    text = (folder / "README.md").read_text()
    assert "**Data.**" in text
    assert "**Licence.**" in text


def test_the_five_lines_for_your_own_csv_work(tmp_path: Path) -> None:
    """Run what the README says, with an editor that changes nothing."""
    block = README.split("## Your own CSV in five lines\n```\n")[1].split("```")[0]
    (tmp_path / "your_events.csv").write_text(
        "time,user,event,page\n2024-05-01T09:00:00Z,ann,page_view,/\n2024-05-20T09:00:00Z,bob,purchase,/done\n"
    )
    lines = [line.split("#")[0].strip() for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        command = shlex.split(
            line.replace(".venv/bin/journeys", f"{sys.executable} -m pipelines.cli").replace("$EDITOR", "true")
        )
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "current" / "reports" / "journey_map.html").exists()


def test_the_deployment_names_a_flow_that_exists() -> None:
    assert "pipelines/flows.py:nightly" in (ROOT / "prefect.yaml").read_text()
    assert "def nightly(" in (ROOT / "pipelines" / "flows.py").read_text()


def test_no_lock_file_names_an_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text()
