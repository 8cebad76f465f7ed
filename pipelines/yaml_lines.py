"""Read YAML 1.2 as plain data, and remember on which line each key stands. Duplicate keys and aliases are refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent

from pipelines.errors import DefinitionError

MAX_CHARACTERS = 200_000
MAX_DEPTH = 20


@dataclass(frozen=True)
class Lines:
    """Where the keys of a YAML document stand."""

    root: Any

    def has(self, keys: tuple[str | int, ...]) -> bool:
        """Tell whether the document has the key at the end of the path."""
        node = self.root
        for key in keys:
            if not isinstance(node, CommentedMap) or key not in node:
                return False
            node = node[key]
        return True

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
        raise DefinitionError(
            f"There is no {path.name} in {path.parent}; run `journeys init` there, or name the folder with --workspace."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path} is no file of UTF-8 text that we may read; save it as one.") from error
    if len(text) > MAX_CHARACTERS:
        raise DefinitionError(f"{path.name} is longer than {MAX_CHARACTERS:,} characters; a definition never is.")
    yaml = YAML()
    try:
        _check_plainness(yaml, text, path)
        root = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem).split(" with value ")[0]
        raise DefinitionError(f"{path.name} line {line}: {problem}.") from None
    except (YAMLError, RecursionError) as error:
        problem = str(error).splitlines()[0]
        raise DefinitionError(
            f"{path.name} is no YAML ({problem}); a definition is a few levels of keys and values."
        ) from None
    if not isinstance(root, CommentedMap):
        raise DefinitionError(
            f"{path.name} holds no keys; run `journeys init` in an empty folder to see one that does."
        )
    return _plain(root), Lines(root)


def _check_plainness(yaml: YAML, text: str, path: Path) -> None:
    """Refuse what could make a document mean something else than it shows, or be deeper than any definition."""
    depth = 0
    for event in yaml.parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent):
            problem = "aliases are not allowed; write the value out"
        elif isinstance(event, DocumentStartEvent) and event.version:
            problem = "leave the %YAML line out; this is YAML 1.2"
        elif isinstance(event, NodeEvent) and getattr(event, "tag", None):
            problem = "tags are not allowed; write a plain value"
        elif depth > MAX_DEPTH:
            problem = f"more than {MAX_DEPTH} levels deep; a definition never is"
        else:
            continue
        raise DefinitionError(f"{path.name} line {event.start_mark.line + 1}: {problem}.")


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
