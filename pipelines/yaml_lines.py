"""Read YAML 1.2 as plain data, and remember on which line each key stands. Duplicate keys and aliases are refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent

from pipelines.errors import DefinitionError

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Lines:
    """Where the keys of a YAML document stand."""

    root: Any

    def of(self, keys: tuple[str | int, ...]) -> int:
        """Tell the line (from 1) of the deepest key of the path that exists."""
        node, line = self.root, 1
        for key in keys:
            if isinstance(node, CommentedMap) and key in node:
                line = node.lc.key(key)[0] + 1
                node = node[key]
            elif isinstance(node, list) and isinstance(key, int) and key < len(node):
                node = node[key]
        return line


def read_yaml(path: Path) -> tuple[dict[str, Any], Lines]:
    """Read a YAML file into plain dicts and lists, with the lines of its keys."""
    if not path.exists():
        raise DefinitionError(f"There is no {path.name} in {path.parent}; run `journeys init` there, or name the folder with --workspace.")
    text = path.read_text()
    if len(text) > MAX_BYTES:
        raise DefinitionError(f"{path.name} is larger than {MAX_BYTES} bytes; a definition never is.")
    yaml = YAML()
    try:
        for event in yaml.parse(text):
            if isinstance(event, AliasEvent):
                raise DefinitionError(f"{path.name} line {event.start_mark.line + 1}: aliases are not allowed; write the value out.")
        root = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError(f"{path.name} line {line}: {error.problem}.") from None
    if not isinstance(root, CommentedMap):
        raise DefinitionError(f"{path.name} holds no keys; run `journeys init` in an empty folder to see one that does.")
    return _plain(root), Lines(root)


def _plain(node: Any) -> Any:
    """Strip ruamel's types, so that nothing downstream depends on them."""
    match node:
        case dict():
            return {str(key): _plain(value) for key, value in node.items()}
        case list():
            return [_plain(value) for value in node]
        case bool() | None:
            return node
        case int():
            return int(node)
        case float():
            return float(node)
        case str():
            return str(node)
        case _:
            return node
