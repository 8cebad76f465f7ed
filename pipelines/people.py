"""Find a person in what is published, by their id or by anything that identifies them."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from connectors.engine import run
from connectors.keys import NORMAL, pseudonym
from pipelines.errors import JourneysError


@dataclass(frozen=True)
class Person:
    """A person id, and the identifiers that stand behind it, written `kind:namespace:value`, in byte order."""

    person_id: str
    identifiers: tuple[str, ...]

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The identifiers that a source gives to one account holder: two of them may be two people."""
        return tuple(one for one in self.identifiers if one.startswith("user:"))


FOUND = """
SELECT DISTINCT person_id
FROM identifiers
WHERE person_id IS NOT NULL AND (person_id IN (SELECT unnest($names)) OR identifier IN (SELECT unnest($names)))
"""
BY_VALUE = """
SELECT DISTINCT person_id
FROM identifiers
WHERE person_id IS NOT NULL
    AND identifier IN (kind || ':' || $value, kind || ':' || split_part(identifier, ':', 2) || ':' || $value)
"""
"""A value may hold a colon; a namespace holds none."""


class NobodyCalled(JourneysError):
    """Nobody who is published is called so."""


def find(con: duckdb.DuckDBPyConnection, name: str, keys: Mapping[str, bytes]) -> Person:
    """Find the one person whom `name` stands for; raises NobodyCalled when there is none, JourneysError when more than one.

    `name` is a person id, an identifier as the table identifiers writes it, the value of one (a user id), or an e-mail
    address or phone number in clear, which the keys turn into what is stored.
    """
    people = run(con, FOUND, {"names": spellings(name, keys)}) or run(con, BY_VALUE, {"value": name})
    if not people:
        raise NobodyCalled(
            f"Nobody published is called '{name}'; give a person_id of the table people, or an identifier of the table "
            "identifiers, such as user:shop:42."
        )
    if len(people) > 1:
        raise JourneysError(
            f"'{name}' is {len(people)} people; write it with its kind and namespace: user:shop:{name}."
        )
    [(person_id,)] = people
    rows = run(con, "SELECT identifier FROM identifiers WHERE person_id = $id ORDER BY identifier", {"id": person_id})
    return Person(person_id, tuple(identifier for (identifier,) in rows))


def spellings(name: str, keys: Mapping[str, bytes]) -> list[str]:
    """List how a name may be stored: as it is, or, of an e-mail address or phone number, as its pseudonym.

    >>> spellings("user:shop:42", {})
    ['user:shop:42']
    """
    contacts = [(kind, normal) for kind, normalise in NORMAL.items() if (normal := normalise(name))]
    return [name, *(f"{kind}:{pseudonym(key, kind, normal)}" for kind, normal in contacts for key in keys.values())]


def must_be_one_human(person: Person, what: str, is_told: bool) -> None:
    """Refuse to act on a cluster that may be several people, unless told to."""
    if len(person.user_ids) > 1 and not is_told:
        raise JourneysError(
            f"Person {person.person_id} holds {len(person.user_ids)} user ids ({', '.join(person.user_ids[:3])}), who may be "
            f"several people that share an e-mail address or a phone. Look with `journeys explain person {person.person_id}`; "
            f"part them by identity.unlink in journey.yaml, or say --yes to {what} them all."
        )
