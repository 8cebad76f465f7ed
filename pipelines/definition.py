"""journey.yaml: read once, frozen, closed and cross-checked. An error names the line and the nearest known name."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from connectors.keys import keyring
from connectors.registry import SOURCES
from connectors.source import Source
from connectors.suggest import did_you_mean
from pipelines.cross_checks import Problem, disagreements
from pipelines.definition_parts import Definition
from pipelines.errors import DefinitionError
from pipelines.source_parts import SourceSpec
from pipelines.yaml_lines import Lines, read_yaml


def load(path: Path, overrides: Mapping[str, str] | None = None) -> Definition:
    """Read and check a journey.yaml; `overrides` are `--set` values by dotted key, for one run."""
    data, lines = read_yaml(path)
    for key, value in (overrides or {}).items():
        _set(data, key, value, path)
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        problems = [(_place(problem), _sentence(problem, Definition)) for problem in error.errors()]
        raise _error(path, lines, problems, overrides or {}) from None
    if problems := list(disagreements(definition)):
        raise _error(path, lines, problems, overrides or {})
    return definition


def source(definition: Definition, name: str, workspace: Path) -> Source:
    """Make what landing needs of one source; raises DefinitionError when its connector does not understand its keys."""
    if name not in definition.sources:
        raise DefinitionError(f"There is no source '{name}' in journey.yaml{did_you_mean(name, definition.sources)}")
    spec = definition.sources[name]
    connector = SOURCES[spec.connector]
    path = workspace / "journey.yaml"
    try:
        config = connector.Config.model_validate(spec.model_extra or {})
    except ValidationError as error:
        problems = [
            (("sources", name, *problem["loc"]), _sentence(problem, SourceSpec, connector.Config))
            for problem in error.errors()
        ]
        raise not_right(path, problems) from None
    resolve = getattr(connector, "resolve", None)
    if resolve:
        config = resolve(config, workspace)
    own = (spec.records or getattr(connector, "RECORDS", "append"), spec.exact_duplicates, spec.channel, spec.query)
    keys, defined = keyring(workspace / "journeys.key"), frozenset(definition.sources)
    return Source(name, connector, config, *own, spec.namespaces, keys, defined)


def not_right(path: Path, problems: list[Problem]) -> DefinitionError:
    """Make the error that says what is wrong in a journey.yaml, each with its line."""
    _, lines = read_yaml(path)
    return _error(path, lines, problems)


def _place(problem: Any) -> tuple[str | int, ...]:
    """Say where a problem is; of a name that is wrong itself, the name."""
    return tuple(part for part in problem["loc"] if part != "[key]")


def _sentence(problem: Any, *models: type[BaseModel]) -> str:
    """Say a pydantic problem in our words; `models` know the keys that may have been meant."""
    where = str(problem["loc"][-1]) if problem["loc"] else ""
    match problem["type"]:
        case "extra_forbidden":
            return f"unknown key '{where}'{did_you_mean(where, _keys(models) - {where})}"
        case "missing":
            return f"'{where}' is missing"
        case "value_error":
            return str(problem["ctx"]["error"])
        case "literal_error":
            known = re.findall("'([^']+)'", problem["ctx"]["expected"])
            return f"there is {', '.join(known[:-1])} or {known[-1]}"
        case "tuple_type":
            return "give a list, such as [a, b]"
        case "mapping_type" | "model_type" | "dict_type":
            return "give keys with values below it"
        case "float_parsing" | "float_type":
            return "give a number, such as 0.05"
        case _:
            return str(problem["msg"])


def _keys(models: Iterable[type[BaseModel]]) -> set[str]:
    """Gather the keys of models and of the models within them."""
    schemas = [model.model_json_schema() for model in models]
    return {
        key
        for schema in schemas
        for part in (schema, *schema.get("$defs", {}).values())
        for key in part.get("properties", {})
    }


def _error(
    path: Path, lines: Lines, problems: list[Problem], overrides: Mapping[str, str] | None = None
) -> DefinitionError:
    said = []
    for where, sentence in problems:
        named = ".".join(map(str, where))
        key = next((key for key in overrides or {} if _is_by(key, where, lines)), None)
        place = f"--set {key}={(overrides or {})[key]}" if key else f"line {lines.of(where)}"
        said.append(f"  {place}: {named}: {sentence}")
    return DefinitionError(f"{path.name} is not right:\n" + "\n".join(said))


def _is_by(key: str, where: tuple[str | int, ...], lines: Lines) -> bool:
    """Whether what stands at a place, or stands nowhere in the file, was set by a dotted key."""
    parts = tuple(key.split("."))
    return where[: len(parts)] == parts or (parts[: len(where)] == where and not lines.has(where))


def _set(data: dict[str, Any], key: str, value: str, path: Path) -> None:
    """Set one dotted key in the plain data, for `--set sessions.by=gap`."""
    *parents, last = key.split(".")
    node = data
    for parent in parents:
        node = node.setdefault(parent, {})
        if not isinstance(node, dict):
            raise DefinitionError(f"--set {key}: '{parent}' in {path.name} is not a group of keys.")
    node[last] = value
