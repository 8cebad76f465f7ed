"""Look into the first file of each source: are the columns there that the mapping names, and can their values be read?"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from connectors import files
from connectors.engine import connect
from connectors.errors import SourceChanged, SourceUnavailable
from connectors.inputs import matching, reads_files
from connectors.mapping import Config
from connectors.readers import load_file
from connectors.source import Source
from connectors.suggest import did_you_mean
from connectors.unread import unread
from pipelines.cross_checks import Problem
from pipelines.definition import Definition, source
from pipelines.quarantine import unread_sentence
from pipelines.workspace import Workspace

N_RECORDS = 1_000
"""So many JSON records are looked at for a key."""


def look_into_first_files(workspace: Workspace, definition: Definition) -> tuple[list[Problem], list[str]]:
    """Tell what is wrong with each source's mapping, and what is odd though it may come right: no file yet, odd values."""
    problems: list[Problem] = []
    remarks: list[str] = []
    for name in definition.sources:
        this = source(definition, name, workspace.root)
        if not reads_files(this.config):
            continue
        try:
            file, path = matching(this.config.path, workspace.root)[0]  # type: ignore[attr-defined]
        except SourceUnavailable as error:
            remarks.append(f"sources.{name}: {error}")
            continue
        if isinstance(this.config, Config):
            found = _look(this, this.config, file, path, definition.zone)
            problems += found[0]
            remarks += found[1]
    return problems, remarks


def _look(this: Source, config: Config, file: str, path: Path, zone: str) -> tuple[list[Problem], list[str]]:
    con = connect(allowed=[path])
    try:
        records = load_file(con, path, config.max_bytes, config.delimiter, n_batches=1)
        records.create_view("records")
        if config.select:
            files.events(con, config)
            return [], []
        known = records.columns[len(files.READER_COLUMNS) :]
        if not known:
            return [], [*_absent_keys(con, this, config, file), *_unread(con, this, config, file, zone)]
        absent = [each for each in config.columns.values() if each not in known]
        if absent and (hint := files.delimiter_hint(known)):
            return [(("sources", this.name, "path"), f"{file}:{hint}")], []
        problems: list[Problem] = [
            (("sources", this.name, *where), f"{file}: {files.absent(column, known)}")
            for where, column in config.columns.items()
            if column not in known
        ]
        return problems, [] if problems else _unread(con, this, config, file, zone)
    except SourceChanged as error:
        raise SourceChanged(f"sources.{this.name}: {file}: {error}") from error
    finally:
        con.close()


def _absent_keys(con: duckdb.DuckDBPyConnection, this: Source, config: Config, file: str) -> list[str]:
    """Name the keys that none of the first JSON records has; it may be that later ones do."""
    columns = config.columns
    keyed = files.mapped_records(con, config).filter("fault IS NULL")
    values = [duckdb.ColumnExpression("records", f"key {column}") for column in columns.values()]
    rows = keyed.select("raw", *values).limit(N_RECORDS).fetchall()
    if not rows:
        return []
    has_value = [any(value is not None for value in each) for each in list(zip(*rows, strict=True))[1:]]
    known = [*_paths(json.loads(rows[0][0]))]
    return [
        f"sources.{'.'.join((this.name, *where))}: {file}: none of the first {len(rows):,} records has "
        f"'{column}'{did_you_mean(column, known)}"
        for (where, column), is_there in zip(columns.items(), has_value, strict=True)
        if not is_there
    ]


def _paths(record: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Name the keys of a JSON object, those within others with dots."""
    for key, value in record.items():
        yield above + key
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{key}.")


def _unread(con: duckdb.DuckDBPyConnection, this: Source, config: Config, file: str, zone: str) -> list[str]:
    return [f"sources.{this.name}: {file}: {unread_sentence(this, one, zone)}" for one in unread(con, config)]
