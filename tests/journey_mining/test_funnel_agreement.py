"""Funnels of every kind agree with their slow twin in reference_funnels.py, whatever the log."""

from datetime import datetime, timedelta
from itertools import chain

import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from journey_mining import Exclusion, FunnelStage, funnel
from tests.examples import examples
from tests.journey_mining import reference_funnels
from tests.journey_mining.test_agreement_with_reference import MIDNIGHT, tables_of_steps

NAMES = "ABC"
seconds = st.sampled_from([0, 1, 2, 60, 61, 120]).map(lambda n: timedelta(seconds=n))
some = examples(45)
few = examples(8)


@st.composite
def logs(draw):
    """Steps with a column to hold constant, which some lack."""
    steps = draw(tables_of_steps(with_outcome=True))
    keys = draw(st.lists(st.sampled_from(["1", "2", None]), min_size=len(steps), max_size=len(steps)))
    return steps.assign(order_key=pd.Series(keys, index=steps.index, dtype=object))


@st.composite
def stages_in_order(draw, is_ordered):
    """Names, any of several, within a time of the one before, or to be skipped."""
    names = st.sampled_from(NAMES) | st.sets(st.sampled_from(NAMES), min_size=2, max_size=2).map(
        lambda found: sorted(found)
    )
    found = [FunnelStage(draw(names))]
    for _ in range(draw(st.integers(0, 3))):
        found.append(FunnelStage(draw(names), within=draw(st.none() | st.none() | seconds)))
    if is_ordered and len(found) > 1 and draw(st.booleans()):
        kept = [stage for stage in found if "C" not in stage.names] or [FunnelStage("A")]
        found = [FunnelStage(kept[0].names), *kept[1:]]
        found.insert(draw(st.integers(1, len(found))), FunnelStage("C", draw(st.none() | seconds), optional=True))
    return found


@st.composite
def funnels(draw):
    """Arguments of `funnel` that make sense together."""
    order = draw(st.sampled_from(["ordered", "ordered", "strict", "any"]))
    if order == "any":
        stages = [FunnelStage(name) for name in draw(st.permutations(NAMES))[: draw(st.integers(1, 3))]]
    else:
        stages = draw(stages_in_order(order == "ordered"))
    how = {
        "order": order,
        "entry": draw(st.sampled_from(["best", "first", "all"])),
        "count": draw(st.sampled_from(["journeys", "people"])),
        "hold": draw(st.sampled_from([[], ["order_key"]])),
        "ties": draw(st.sampled_from(["either", "logged", timedelta(seconds=1)])),
        "as_of": draw(st.sampled_from([MIDNIGHT + timedelta(seconds=90), datetime(2030, 1, 1)])),
    }
    if len(stages) > 1 and draw(st.booleans()):
        after = 1 if order == "any" else draw(st.integers(1, len(stages) - 1))
        before = len(stages) if order == "any" else draw(st.integers(after + 1, len(stages)))
        how["exclude"] = [Exclusion(draw(st.sampled_from("ABCD")), after, before)]
        how["on_exclude"] = draw(
            st.sampled_from(["drop_attempt", "drop_person"] if how["entry"] != "all" else ["drop_attempt"])
        )
    return stages, draw(st.none() | seconds), how


def as_reference(stages, window, how):
    """The same funnel in the words of reference_funnels.py."""
    rules = [{"names": list(s.names), "within": s.within, "optional": s.optional} for s in stages]
    exclusion = how.get("exclude", [None])[0]
    barred = []
    if exclusion:
        is_any = how["order"] == "any"
        stretch = range(1, len(stages) + 1) if is_any else range(exclusion.after, exclusion.before)
        barred = [(position, exclusion.names) for position in stretch]
    # Decided is an attempt when each stage is that it may come to: those it needs one after another, one that is optional
    # after those before it, in its own time or, without one, in the window.
    needed = [stage.within for stage in stages[1:] if not stage.optional]
    ends = [
        sum((s.within for s in stages[1:place] if not s.optional), timedelta())
        + (stage.within or window or timedelta())
        for place, stage in enumerate(stages[1:], start=1)
        if None not in needed
    ]
    limits = ([window] if window is not None else []) + ([max(ends)] if needed and ends else [])
    ties = {"either": timedelta(), "logged": None}.get(how["ties"], how["ties"])
    return how | {
        "stages": rules,
        "window": window,
        "barred": barred,
        "ties": ties,
        "on_exclude": how.get("on_exclude"),
        "matures": min(limits, default=None),
    }


def can_begin(steps, stages, order):
    """Whether a step has a name an attempt begins at: else the funnel is refused."""
    begins = stages if order == "any" else stages[:1]
    names = [[stage.names] if isinstance(stage.names, str) else stage.names for stage in begins]
    return not set(steps["stage"]).isdisjoint(chain.from_iterable(names))


def assert_agrees(steps, stages, window, how):
    assume(can_begin(steps, stages, how.get("order")))
    found = funnel(steps, stages, window, **how)
    records = [{k: None if v is None or v != v else v for k, v in row.items()} for row in steps.to_dict("records")]
    expected = pd.DataFrame(list(reference_funnels.funnel(records, as_reference(stages, window, how))))
    for column in expected:
        for one, other in zip(found[column].astype(object), expected[column].astype(object), strict=True):
            assert pd.isna(one) == pd.isna(other), (column, found.T, expected.T)
            assert pd.isna(one) or abs(one - other) < 1e-9, (column, found.T, expected.T)


@some
@given(logs(), funnels())
def test_funnels_of_every_kind_agree(steps, asked):
    assert_agrees(steps, *asked)


@some
@given(
    logs(),
    st.sampled_from(["AB", "ABB", "BA"]),
    st.none() | seconds,
    st.sampled_from(["drop_attempt", "drop_person"]),
    st.sampled_from(["journeys", "people"]),
    st.sampled_from(["ordered", "strict"]),
)
def test_what_an_excluded_step_ends_agrees(steps, stages, window, on_exclude, count, order):
    """C is no stage, and comes between them often; in some journeys of a person and not in others."""
    how = {"exclude": [Exclusion("C", 1, len(stages))], "on_exclude": on_exclude, "count": count, "order": order}
    rest = {"entry": "best", "hold": [], "ties": "either", "as_of": MIDNIGHT + timedelta(seconds=90)}
    assert_agrees(steps, [FunnelStage(name) for name in stages], window, how | rest)


@few
@given(logs(), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), seconds, seconds, st.data())
def test_a_longer_window_or_another_step_never_makes_a_funnel_shallower(steps, stages, window, other, data):
    rules = {"order": data.draw(st.sampled_from(["ordered", "any"])), "as_of": datetime.max}
    fewer = steps.drop(index=data.draw(st.integers(0, len(steps) - 1)))
    assume(can_begin(fewer, [FunnelStage(name) for name in stages], rules["order"]))
    wide = funnel(steps, stages, max(window, other), **rules)["n_entries"]
    assert (funnel(steps, stages, min(window, other), **rules)["n_entries"] <= wide).all()
    assert (funnel(fewer, stages, max(window, other), **rules)["n_entries"] <= wide).all()
