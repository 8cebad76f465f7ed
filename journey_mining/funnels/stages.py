"""The stages of a funnel and what must not lie between them, as people write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from journey_mining.durations import duration
from journey_mining.errors import ArgumentError


@dataclass(frozen=True)
class FunnelStage:
    """A stage that is more than one name: any of `names`, `within` a time of the stage before, or one to skip at will.

    `within` ("1h", a timedelta) includes its end. An optional stage never stops an attempt: it is counted where a
    touch of it lies between its neighbours.

    >>> FunnelStage(["card", "invoice"], within="1h")
    FunnelStage(names=['card', 'invoice'], within='1h', optional=False)
    """

    names: str | Sequence[str]
    within: str | timedelta | None = None
    optional: bool = False


@dataclass(frozen=True)
class Exclusion:
    """Names that must not come after the stage at position `after` and before that at `before`; by default anywhere.

    >>> Exclusion("logout", after=1, before=2)
    Exclusion(names='logout', after=1, before=2)
    """

    names: str | Sequence[str]
    after: int = 1
    before: int | None = None


Stage: TypeAlias = str | Sequence[str] | FunnelStage


def names_given(given: object, what: str) -> tuple[str, ...]:
    """Return one name or several as several.

    >>> names_given("cart", "stages"), names_given(["cart", "basket"], "stages")
    (('cart',), ('cart', 'basket'))
    """
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Sequence) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise ArgumentError(f"{what}: give a name or a list of names, not {given!r}")
    return names


def stages_given(stages: Sequence[Stage]) -> tuple[FunnelStage, ...]:
    """Return stages of any form as `FunnelStage`s with a tuple of names.

    >>> stages_given(["view", ["cart", "basket"]])[1].names
    ('cart', 'basket')
    """
    if isinstance(stages, str) or not isinstance(stages, Sequence) or not stages:
        raise ArgumentError(f"stages: give a list of at least one stage, not {stages!r}")
    given = [stage if isinstance(stage, FunnelStage) else FunnelStage(stage) for stage in stages]
    for stage in given:
        if stage.within is not None:
            duration(stage.within, "within")
    found = tuple(FunnelStage(names_given(stage.names, "stages"), stage.within, stage.optional) for stage in given)
    if found[0].optional or found[0].within is not None:
        raise ArgumentError("stages: the first is where an attempt begins; it is neither optional nor within a time")
    return found


def barred_given(exclude: Sequence[str | Exclusion], n_stages: int, is_any_order: bool) -> tuple[tuple[int, str], ...]:
    """Return pairs of a position and a name that ends an attempt which stands there.

    >>> barred_given([Exclusion("back", after=2)], 4, False)
    ((2, 'back'), (3, 'back'))
    """
    if isinstance(exclude, str):
        raise ArgumentError(f"exclude: give a list, not {exclude!r}")
    found: set[tuple[int, str]] = set()
    for one in exclude:
        rule = one if isinstance(one, Exclusion) else Exclusion(one)
        before = n_stages if rule.before is None else rule.before
        if not 1 <= rule.after < before <= n_stages:
            raise ArgumentError(
                f"exclude: after {rule.after} and before {before} are no positions of {n_stages} stages"
            )
        if is_any_order and (rule.after, before) != (1, n_stages):
            raise ArgumentError("exclude: in any order there is no stage after or before another; exclude everywhere")
        stretch = range(1, n_stages + 1) if is_any_order else range(rule.after, before)
        found |= {(position, name) for position in stretch for name in names_given(rule.names, "exclude")}
    return tuple(sorted(found))
