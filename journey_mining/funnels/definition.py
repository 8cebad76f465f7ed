"""What a funnel is: its stages, and the rules by which an attempt comes through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias, TypedDict, get_args

from journey_mining.durations import duration
from journey_mining.errors import ArgumentError, unknown_name
from journey_mining.funnels.semantics import PRESETS, Semantics
from journey_mining.funnels.stages import Exclusion, FunnelStage, Stage, barred_given, names_given, stages_given
from journey_mining.prepared import By

Order: TypeAlias = Literal["ordered", "strict", "any"]
Entry: TypeAlias = Literal["best", "first", "all"]
OnExclude: TypeAlias = Literal["drop_attempt", "drop_person"]
Count: TypeAlias = Literal["journeys", "people"]
MICROSECOND = timedelta(microseconds=1)


class How(TypedDict, total=False):
    """The rules of a funnel beside its stages and its window; `funnel` tells what each means."""

    order: Order
    entry: Entry
    exclude: Sequence[str | Exclusion]
    on_exclude: OnExclude
    hold: Sequence[str]
    count: Count
    ties: str | timedelta
    by: By | None
    as_of: str | date | None
    semantics: Semantics | None


@dataclass(frozen=True)
class Definition:
    """A funnel whose arguments have been checked. Positions count from 1, times are in microseconds, None is no limit."""

    stages: tuple[FunnelStage, ...]
    window_us: int | None
    barred: tuple[tuple[int, str], ...]
    ties_us: int | None
    order: Order = "ordered"
    entry: Entry = "best"
    on_exclude: OnExclude = "drop_attempt"
    hold: tuple[str, ...] = ()
    count: Count = "journeys"
    by: By | None = None
    as_of: str | date | None = None
    is_reused: bool = False
    """Whether one event may serve several stages: true of some tools, never of our own funnels."""

    @property
    def positions(self) -> range:
        """The positions of all stages."""
        return range(1, len(self.stages) + 1)

    @property
    def mandatory(self) -> list[int]:
        """The positions that an attempt has to come through."""
        return [position for position in self.positions if not self.stages[position - 1].optional]

    def before(self, position: int) -> int | None:
        """Return the nearest position before one that an attempt has to come through."""
        return max((other for other in self.mandatory if other < position), default=None)

    def label(self, position: int) -> str:
        """Return what a stage is called in a table: its names; in any order, how many stages were done."""
        if self.order == "any":
            return f"{position} of {len(self.stages)}"
        return " or ".join(self.stages[position - 1].names)

    def within_us(self, position: int) -> int | None:
        """Return the time from the stage before."""
        within = self.stages[position - 1].within
        return None if within is None else duration(within, "within") // MICROSECOND

    def ranks_sharing_names(self, position: int) -> list[int]:
        """Return which of the touches taken so far (the first is 1) a touch of this stage could be again."""
        names = set(self.stages[position - 1].names)
        before = [other for other in self.mandatory if other < position and not self.is_reused]
        return [rank for rank, other in enumerate(before, 1) if names & set(self.stages[other - 1].names)]

    @property
    def matures_us(self) -> int | None:
        """How long after its entry an attempt is decided: the window, or all the stages' own times together.

        An optional stage may be done as long as its own time lasts, or the window.
        """
        until, times = 0, []
        for position in self.positions[1:]:
            own, is_optional = self.within_us(position), self.stages[position - 1].optional
            if own is None and (self.window_us is not None or not is_optional):
                return self.window_us
            times.append(until + (own or 0))
            until += 0 if is_optional else own or 0
        return min((time for time in (self.window_us, max(times) if until else None) if time is not None), default=None)

    @property
    def is_logged(self) -> bool:
        """Whether steps at one instant have an order, the one they were logged in."""
        return self.order == "strict" or self.ties_us is None

    @property
    def is_first_entry_enough(self) -> bool:
        """Whether no later entry of a sequence can do better than its first: nothing but order limits an attempt.

        Of a person's journeys the first may be open and a later one decided, which counts before it.
        """
        is_alike = self.entry == "first" or self.count == "journeys"
        is_free = self.order != "strict" and self.matures_us is None and not self._is_limited
        return self.entry != "all" and is_alike and is_free

    @property
    def _is_limited(self) -> bool:
        return bool(self.barred) or any(stage.within is not None for stage in self.stages)


def defined(stages: Sequence[Stage], window: str | timedelta | None = None, **how: Any) -> Definition:
    """Return a funnel as it was asked for, over the preset of `semantics`, if one is named.

    >>> found = defined(["view", ["cart", "basket"], "pay"], "1h", exclude=["back"])
    >>> found.label(2), found.window_us, found.barred
    ('cart or basket', 3600000000, ((1, 'back'), (2, 'back')))
    """
    rules = _rules(how)
    wanted = stages_given(stages)
    usual = rules.pop("window", None)
    window = usual if window is None else window
    if rules.pop("is_window_per_stage", False) and window is not None:
        wanted = (wanted[0], *(FunnelStage(stage.names, stage.within or window) for stage in wanted[1:]))
        window = None
    ties = rules.pop("ties", "either")
    found = Definition(
        stages=wanted,
        window_us=None if window is None else duration(window, "window") // MICROSECOND,
        barred=barred_given(rules.pop("exclude", ()), len(wanted), rules.get("order") == "any"),
        ties_us={"either": 0, "logged": None}[ties] if ties in ("either", "logged") else _ties(ties),
        hold=_columns(rules.pop("hold", ())),
        **rules,
    )
    _refuse_what_makes_no_sense(found)
    return found


def _rules(how: dict[str, Any]) -> dict[str, Any]:
    """Return the rules given over those of the tool whose answers are wanted."""
    for name in how:
        if name not in How.__annotations__:
            raise TypeError(f"a funnel has {unknown_name('argument', name, How.__annotations__)}")
    choices = {"order": Order, "entry": Entry, "on_exclude": OnExclude, "count": Count, "semantics": Semantics}
    for name, words in choices.items():
        if how.get(name) is not None and how[name] not in get_args(words):
            raise ArgumentError(f"{name}: {unknown_name('choice', str(how[name]), get_args(words))}")
    tool = how.get("semantics")
    preset = PRESETS[tool] if tool else {}
    return {**preset, **{name: value for name, value in how.items() if name != "semantics"}}


def _ties(ties: object) -> int:
    try:
        return duration(ties, "ties") // MICROSECOND  # type: ignore[arg-type]
    except ArgumentError as error:
        raise ArgumentError(
            f"ties: 'either', 'logged', or the time that counts as one instant, not {ties!r}"
        ) from error


def _columns(hold: object) -> tuple[str, ...]:
    return names_given(hold, "hold") if hold else ()


def _refuse_what_makes_no_sense(found: Definition) -> None:
    optional = {name for stage in found.stages if stage.optional for name in stage.names}
    mandatory = [name for stage in found.stages if not stage.optional for name in stage.names]
    every = [name for stage in found.stages for name in set(stage.names)]
    if optional and found.order != "ordered":
        raise ArgumentError(f"stages: an optional stage makes sense in order 'ordered', not in {found.order!r}")
    if optional & set(mandatory):
        raise ArgumentError(f"stages: {min(optional & set(mandatory))!r} cannot be optional and needed at once")
    if found.order == "any" and len(set(every)) < len(every):
        raise ArgumentError("stages: in any order a name can belong to one stage only")
    if found.order == "any" and any(stage.within is not None for stage in found.stages):
        raise ArgumentError("stages: in any order there is no stage before; use `window`")
    if found.on_exclude == "drop_person" and found.entry == "all":
        raise ArgumentError("on_exclude: with entry 'all' only attempts can be dropped, not people")
