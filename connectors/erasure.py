"""Erased people: what is theirs leaves the landed files, and what comes of them later stays out.

All that is kept of them are tombstones, keyed hashes of their identifiers, in `erased.json` beside the manifest. To find
their records, and to forget them, takes the landed files, the tombstones and the key, and nothing else.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from connectors.durable import write
from connectors.engine import run
from connectors.errors import ConnectorError, SecretMissing
from connectors.keys import NORMAL, pseudonym
from connectors.manifest import Entry

IDENTIFYING = (
    "event_id",
    "record_id",
    "user_id",
    "device_id",
    "email_key",
    "phone_key",
    "order_id",
    "ticket_id",
)
"""Columns of an event that may name whose it is."""


class Erasure(BaseModel):
    """One person who was erased: the tombstones of their identifiers, and what had to go.

    `prefixes` are, per source, those that made identifiers of its values then: the definition may come to say others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_id: str
    asked_at: datetime
    key_id: str
    tombstones: tuple[str, ...]
    prefixes: dict[str, tuple[str, ...]] = {}
    n_events: int
    n_quarantined: int
    n_files: int
    finished_at: datetime | None = None


def path_of(landing: Path) -> Path:
    """The list of erasures of a landing folder."""
    return landing / "erased.json"


def read(landing: Path) -> tuple[Erasure, ...]:
    """Read all erasures, the oldest first; an empty tuple when there are none."""
    path = path_of(landing)
    if not path.exists():
        return ()
    try:
        return tuple(Erasure.model_validate(one) for one in json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise ConnectorError(
            f"{path} is damaged, so that erased people could come back; restore it from a backup before you land."
        ) from error


def unfinished(landing: Path) -> tuple[Erasure, ...]:
    """Read the erasures that were asked for and cut short."""
    return tuple(one for one in read(landing) if one.finished_at is None)


def commit(landing: Path, erasures: Sequence[Erasure]) -> None:
    """Replace the list of erasures, atomically."""
    write(path_of(landing), json.dumps([one.model_dump(mode="json") for one in erasures], indent=1).encode())


def tombstone(key: bytes, identifier: str) -> str:
    """Hash an identifier so that it can be recognised, with the key, and not read.

    >>> len(tombstone(bytes(32), "user:shop:42"))
    32
    """
    return pseudonym(key, "erased", identifier)


def prefixes(source: str, namespaces: Mapping[str, str]) -> frozenset[str]:
    """Tell what makes an identifier of a value of one source.

    >>> sorted(prefixes("web", {"user": "shop"}))
    ['email:', 'event:web:', 'phone:', 'record:web:', 'user:shop:']
    """
    own = {f"{kind}:{namespace}:" for kind, namespace in namespaces.items()}
    return frozenset(own | {"email:", "phone:", f"event:{source}:", f"record:{source}:"})


def former_prefixes(source: str, erasures: Iterable[Erasure]) -> frozenset[str]:
    """Tell what made identifiers of a source's values when people were erased.

    >>> former_prefixes("web", [Erasure.model_construct(prefixes={"web": ("user:web:",), "desk": ("user:desk:",)})])
    frozenset({'user:web:'})
    """
    return frozenset(prefix for one in erasures for prefix in one.prefixes.get(source, ()))


def prefixes_of_another_name(source: str, erasures: Iterable[Erasure], defined: frozenset[str]) -> frozenset[str]:
    """Tell what may have made identifiers of a source's values when people were erased, and it was not there.

    It may be any that was there and is not `defined` any more, renamed: rather too much is looked for than too little.

    >>> erased = [Erasure.model_construct(prefixes={"web": ("user:web:",), "desk": ("user:desk:",)})]
    >>> prefixes_of_another_name("site", erased, frozenset({"site", "desk"}))
    frozenset({'user:web:'})
    >>> prefixes_of_another_name("site", erased, frozenset({"site", "desk", "web"}))
    frozenset()
    """
    strange = [one for one in erasures if source not in one.prefixes]
    return frozenset(
        prefix for one in strange for name in one.prefixes.keys() - defined for prefix in one.prefixes[name]
    )


def mark(
    con: duckdb.DuckDBPyConnection,
    rows: duckdb.DuckDBPyRelation | None,
    texts: duckdb.DuckDBPyRelation | None,
    erasures: Sequence[Erasure],
    prefixes: Collection[str],
    keys: Mapping[str, bytes],
) -> None:
    """Make the table erased_lines: which `rows` (of events) and `texts` (line_no, raw) are of an erased person.

    `keys` are those at hand, by their key id; raises SecretMissing when tombstones were made with another one.
    """
    run(con, "CREATE OR REPLACE TEMP TABLE erased_lines (line_no BIGINT)")
    _give(con, rows, texts)
    by_kind = {"kind": [prefix.partition(":")[0] for prefix in sorted(prefixes)], "prefix": sorted(prefixes)}
    _register(con, "prefixes", by_kind)
    _register(con, "contacts", _contacts(con, keys.values()))
    for made_with in sorted({one.key_id for one in erasures}):
        if made_with not in keys:
            raise SecretMissing(
                f"People were erased under the key {made_with}, which is gone; without it their records cannot be "
                "told from others. Put it back beside journey.yaml."
            )
        of_this_key = {one for erasure in erasures if erasure.key_id == made_with for one in erasure.tombstones}
        _register(con, "tombstones", {"tombstone": sorted(of_this_key)})
        _teach(con, keys[made_with])
        for statement in duckdb.extract_statements(files("connectors").joinpath("erased.sql").read_text()):
            con.execute(statement).fetchall()


def find(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    entry: Entry,
    erasures: Sequence[Erasure],
    prefixes: Collection[str],
    keys: Mapping[str, bytes],
) -> None:
    """Make the table erased_lines of what has landed with one delivery."""
    columns = ("line_no", *IDENTIFYING)
    rows = [con.read_parquet(str(landing / file.path)) for file in (entry.events, entry.withdrawn) if file]
    chosen = [relation.select(*[name for name in columns if name in relation.columns]) for relation in rows]
    for number, relation in enumerate(chosen):
        relation.create_view(f"landed_rows_{number}", replace=True)
    both = con.sql(BOTH) if len(chosen) > 1 else next(iter(chosen), None)
    texts = con.read_parquet(str(landing / entry.quarantine.path)) if entry.quarantine else None
    mark(con, both, texts.select("line_no", "raw") if texts else None, erasures, prefixes, keys)


BOTH = "SELECT * FROM landed_rows_0 UNION ALL BY NAME SELECT * FROM landed_rows_1"


def keep_out(
    con: duckdb.DuckDBPyConnection, erasures: Sequence[Erasure], prefixes: Collection[str], keys: Mapping[str, bytes]
) -> None:
    """Filter, out of a delivery that is being landed, every record of an erased person, whether it can be read or not."""
    if not erasures:
        return
    _register(con, "pseudonyms_of_all_keys", _pseudonyms(con, keys.values()))
    mark(con, con.sql(LANDING_ROWS), con.sql(LANDING_TEXTS), erasures, prefixes, keys)
    for statement in duckdb.extract_statements(KEEP_OUT):
        con.execute(statement).fetchall()


LANDING_ROWS = """
SELECT parsed.line_no, named.event_id, parsed.record_id, nullif(user_id, '') AS user_id, nullif(device_id, '') AS device_id,
    nullif(order_id, '') AS order_id, nullif(ticket_id, '') AS ticket_id,
    emails.pseudonym AS email_key, phones.pseudonym AS phone_key
FROM parsed
LEFT JOIN named ON parsed.row_no = named.row_no
LEFT JOIN pseudonyms_of_all_keys AS emails ON emails.kind = 'email' AND emails.clear = email
LEFT JOIN pseudonyms_of_all_keys AS phones ON phones.kind = 'phone' AND phones.clear = phone
"""
LANDING_TEXTS = "SELECT line_no, raw FROM records SEMI JOIN faults USING (line_no)"
KEEP_OUT = """
DELETE FROM filters WHERE line_no IN (SELECT line_no FROM erased_lines);
INSERT INTO filters SELECT line_no, 'erased' FROM erased_lines;
DELETE FROM faults WHERE line_no IN (SELECT line_no FROM erased_lines);
DELETE FROM named WHERE line_no IN (SELECT line_no FROM erased_lines);
DELETE FROM withdrawals WHERE line_no IN (SELECT line_no FROM erased_lines);
"""
WORDS = r"""
CREATE OR REPLACE TEMP TABLE words_given AS
WITH texts AS (
    SELECT line_no, regexp_replace(replace(replace(replace(raw, chr(0), ''), '%25', '%'), '%40', '@'), '%2[Bb]', '+', 'g') AS text
    FROM texts_given
),
cut AS (
    SELECT line_no, unnest(list_concat(
        regexp_extract_all(text, '[^\s"'',;{}()\[\]<>=&?|\\]+'),
        regexp_extract_all(text, '[^\s"'',;{}()\[\]<>=&?|\\:/]+'),
        regexp_extract_all(text, '[\pL\pN_.-]+'),
        regexp_extract_all(text, '[\pL\pN_]+'),
        regexp_extract_all(text, '[+]?[0-9][0-9 ()./-]{5,}[0-9]'),
        -- Values that hold blanks or signs, whole: between the separators of a CSV, and what JSON has in quotes.
        list_transform(regexp_extract_all(text, '[^,;|\t\r\n]+'), lambda piece: trim(piece, ' "')),
        list_transform(
            regexp_extract_all(text, '"(?:[^"\\]|\\.)*"'),
            lambda quoted: CASE WHEN json_valid(quoted) THEN json_extract_string(quoted, '$') END
        )
    )) AS word
    FROM texts
)
SELECT DISTINCT line_no, unnest([word, rtrim(word, '.')]) AS word FROM cut WHERE word IS NOT NULL
"""
"""Every part of an unreadable record that may be an identifier, cut in several ways."""
TOMBSTONE_OF = """
CREATE OR REPLACE TEMP MACRO tombstone_of(identifier) AS left(sha256(
    (SELECT outer_pad FROM tombstone_key) || unhex(sha256((SELECT inner_pad FROM tombstone_key) || encode('erased:' || identifier)))
), 32)
"""
"""The function `tombstone` in SQL, so that millions of identifiers are hashed in parallel: HMAC as in RFC 2104."""


def _give(
    con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation | None, texts: duckdb.DuckDBPyRelation | None
) -> None:
    """Make the tables rows_given and words_given, with whatever columns the rows have."""
    nothing = con.sql("SELECT CAST(NULL AS BIGINT) AS line_no, CAST(NULL AS VARCHAR) AS raw WHERE false")
    given = nothing if rows is None else rows
    absent = duckdb.ConstantExpression(None).cast(duckdb.sqltype("VARCHAR"))
    columns = [duckdb.ColumnExpression(name) if name in given.columns else absent.alias(name) for name in IDENTIFYING]
    given.select("line_no", *columns).create_view("rows_given", replace=True)
    (nothing if texts is None else texts).create_view("texts_given", replace=True)
    run(con, WORDS)


def _pseudonyms(con: duckdb.DuckDBPyConnection, keys: Iterable[bytes]) -> dict[str, list[str]]:
    """Hash what a delivery has in clear under every key: people may have been erased under another than today's."""
    clear = run(con, "SELECT kind, clear FROM pseudonyms")
    found = [
        (kind, value, pseudonym(key, kind, normal))
        for key in keys
        for kind, value in clear
        if (normal := NORMAL[kind](value))
    ]
    return {name: [row[place] for row in found] for place, name in enumerate(("kind", "clear", "pseudonym"))}


def _contacts(con: duckdb.DuckDBPyConnection, keys: Iterable[bytes]) -> dict[str, list[str]]:
    """Hash the words that may be e-mail addresses or phone numbers, under every key that we have."""
    found = [
        (word, kind, pseudonym(key, kind, normal))
        for key in keys
        for (word,) in run(con, "SELECT DISTINCT word FROM words_given")
        for kind, normalise in NORMAL.items()
        if (normal := normalise(word))
    ]
    return {name: [row[place] for row in found] for place, name in enumerate(("clear", "kind", "pseudonym"))}


def _teach(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Define tombstone_of for one key."""
    padded = key.ljust(64, b"\0")
    pads = {"inner_pad": [bytes(b ^ 0x36 for b in padded)], "outer_pad": [bytes(b ^ 0x5C for b in padded)]}
    con.register("tombstone_key", pa.table(pads))
    run(con, TOMBSTONE_OF)


def _register(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[str]]) -> None:
    con.register(name, pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()}))
