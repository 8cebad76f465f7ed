"""Scripts that clean a log: its tables are at hand under names that begin with known_ (see `Log`)."""

import re
from collections.abc import Mapping, Sequence

from journey_mining import scripts
from journey_mining.errors import ArgumentError, require_whole
from journey_mining.prepared import RESERVED, By


def script(query: str, parameters: Mapping[str, object] | None = None) -> str:
    """Return `query`.sql of this folder with its parameters written out."""
    return scripts.shown(scripts.read(f"cleaning/{query}"), parameters)


def renamed_script(by: By, did: str, changed: Sequence[str]) -> list[str]:
    """Return the statements of a log some of whose names are others: `changed` sets new_name in the table `names`."""
    named = {"by": by, "did": did, "reserved": list(RESERVED)}
    return [script("names", named), *changed, script("unfit", named), script("renamed", named)]


def collapsed_script(by: By) -> list[str]:
    """Return the statements of a log without the steps that repeat the name of the step before."""
    return [script("collapsed", {"by": by}), scripts.read("base/narrowed"), script("gone")]


def rules_script(rules: Mapping[str, str], wildcards: Mapping[str, str]) -> list[str]:
    """Return the statements for regular expressions, in order, then wildcards, of which the first that fits counts.

    >>> print(rules_script({}, {"/help/*": "help"})[0].splitlines()[-2])
    UPDATE names SET new_name = 'help', is_grouped = TRUE
    """
    for given in (rules, wildcards):
        if not isinstance(given, Mapping):
            raise ArgumentError(
                f"rename: give a mapping from patterns to names, such as {{'/help/*': 'help'}}, not {given!r}"
            )
    if not rules and not wildcards:
        raise ArgumentError("rename: give at least one rule or wildcard, such as wildcards={'/help/*': 'help'}")
    replaced = [script("rule", {"pattern": pattern, "replacement": name}) for pattern, name in rules.items()]
    fitted = [script("wildcard", {"pattern": as_pattern(one), "replacement": name}) for one, name in wildcards.items()]
    return [*replaced, *fitted]


def as_pattern(wildcard: str) -> str:
    r"""Return a wildcard as a regular expression: `*` is any run of characters, all else is itself.

    >>> as_pattern("/help/*.html")
    '/help/.*\\.html'
    """
    return ".*".join(map(re.escape, wildcard.split("*")))


def rare_script(n: int | None, share: float | None) -> list[str]:
    """Return the statement that groups what has fewer than `n` steps, or less than a `share` of them."""
    if (n is None) == (share is None):
        raise ArgumentError("group_rare: give n (fewest steps) or share (smallest share of the steps), one of them")
    require_whole(1, n=1 if n is None else n)
    if share is not None and not (isinstance(share, int | float) and 0 < share < 1):
        raise ArgumentError(f"share: above 0 and below 1, not {share!r}")
    return [script("grouped", {"n": n or 0, "share": share or 0.0})]
