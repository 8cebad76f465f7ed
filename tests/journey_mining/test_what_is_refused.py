"""Every analysis answers for any log, or says what is wrong in words of its own; its figure never tells NaN."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import journey_mining as jm
from journey_mining.prepared import connect
from journey_mining.steps import Steps, _prepare
from tests.journey_mining.published_workspace import publish

STEPS = pd.DataFrame(
    [
        ("a", "ann", 1, "cart", "succeeded", "phone", "s1"),
        ("a", "ann", 2, "pay", "succeeded", "phone", "s1"),
        ("b", "bob", 1, "cart", "dropped", "desk", "s2"),
        ("c", "cid", 1, "cart", "dropped", "phone", "s3"),
        ("c", "cid", 2, "help", "dropped", "phone", "s3"),
    ],
    columns=["journey_id", "person_id", "step_number", "stage", "outcome", "device", "session_id"],
).assign(occurred_at=pd.date_range("2024-05-01", periods=5, freq="min"))
STEPS["touchpoint"] = STEPS["event"] = STEPS["stage"]
LOGS = {
    "no step": STEPS.head(0),
    "one step": STEPS.head(1),
    "one person": STEPS.assign(person_id="ann", session_id="s1", occurred_at=pd.Timestamp("2024-05-01")),
    "open journeys of nobody": STEPS.assign(outcome="open", person_id=None, session_id=None),
    "no values": STEPS.assign(device=None, outcome="succeeded").replace({"pay": "", "cart": "1"}),
    "names of strangers, times with a zone": STEPS.assign(
        occurred_at=STEPS["occurred_at"].dt.tz_localize("Europe/Berlin")
    ).replace({"cart": "c'a\"rt<b>&;--", "pay": "päy 支払い 💥", "phone": "it's<i>"}),
}
Ask = Callable[[Steps, Any, Any, Any], pd.DataFrame]
ANALYSES: dict[str, tuple[Ask, Any]] = {
    "transitions": (lambda s, a, b, d: jm.transitions(s, quantiles=[0.25]), jm.transitions_figure),
    "transition_diff": (lambda s, a, b, d: jm.transition_diff(s, "device", d), jm.transition_diff_figure),
    "dropoff": (lambda s, a, b, d: jm.dropoff(s), jm.dropoff_figure),
    "findings": (lambda s, a, b, d: jm.findings(s), None),
    "grains": (lambda s, a, b, d: jm.grains(s), None),
    "changes": (lambda s, a, b, d: jm.changes(s), None),
    "route_templates": (lambda s, a, b, d: jm.route_templates(s), None),
    "variants": (lambda s, a, b, d: jm.variants(s), jm.variants_figure),
    "sequences": (lambda s, a, b, d: jm.sequences(s), jm.sequences_figure),
    "discriminative_sequences": (lambda s, a, b, d: jm.discriminative_sequences(s, goal=b), jm.discriminative_figure),
    "next_steps": (lambda s, a, b, d: jm.next_steps(s, [a]), jm.next_steps_figure),
    "step_matrix": (lambda s, a, b, d: jm.step_matrix(s), jm.step_matrix_figure),
    "step_matrix around": (lambda s, a, b, d: jm.step_matrix(s, anchor=a), jm.step_matrix_figure),
    "sankey": (lambda s, a, b, d: jm.sankey(s), jm.sankey_figure),
    "conversion_lift": (lambda s, a, b, d: jm.conversion_lift(s, a, b, within="1h"), jm.conversion_lift_figure),
    "sankey between": (lambda s, a, b, d: jm.sankey(s, start=a, end=b), jm.sankey_figure),
    "funnel": (lambda s, a, b, d: jm.funnel(s, [a, b], "7d", hold=["session_id"]), jm.funnel_figure),
    "funnel_breakdown": (
        lambda s, a, b, d: jm.funnel_breakdown(s, [a, b], column="device"),
        jm.funnel_breakdown_figure,
    ),
    "funnel_trend": (lambda s, a, b, d: jm.funnel_trend(s, [a, b], "1h"), jm.funnel_trend_figure),
    "funnel_entries": (lambda s, a, b, d: jm.funnel_entries(s, [a, b]), None),
    "after_dropoff": (lambda s, a, b, d: jm.after_dropoff(s, [a, b]), jm.after_dropoff_figure),
    "time_to_convert": (lambda s, a, b, d: jm.time_to_convert(s, [a, b]), jm.time_to_convert_figure),
    "conversion_curve": (lambda s, a, b, d: jm.conversion_curve(s, [a, b], "7d"), jm.conversion_curve_figure),
    "conversion_drivers": (
        lambda s, a, b, d: jm.conversion_drivers(s, [a, b], at_least=1),
        jm.conversion_drivers_figure,
    ),
    "order_test": (lambda s, a, b, d: jm.order_test(s), None),
    "markov": (lambda s, a, b, d: jm.markov(s), jm.markov_figure),
    "what_if": (lambda s, a, b, d: jm.what_if(s, {a: 0.05}), jm.what_if_figure),
    "removal_effects": (lambda s, a, b, d: jm.removal_effects(s, of="device", success=b), jm.removal_effects_figure),
    "attribution": (lambda s, a, b, d: jm.attribution(s, of="device", success=b), jm.attribution_figure),
    "conformance": (lambda s, a, b, d: jm.conformance(s, [a, b]), jm.conformance_figure),
    "total_conformance": (lambda s, a, b, d: jm.total_conformance(s, [a, b]), jm.total_conformance_figure),
    "journey_conformance": (lambda s, a, b, d: jm.journey_conformance(s, [a, b]), None),
    "insertions": (lambda s, a, b, d: jm.insertions(s, [a]), jm.insertions_figure),
    "retention": (lambda s, a, b, d: jm.retention(s, a, b), jm.retention_figure),
    "lifecycle": (lambda s, a, b, d: jm.lifecycle(s), jm.lifecycle_figure),
    "stickiness": (lambda s, a, b, d: jm.stickiness(s), jm.stickiness_figure),
    "compare": (lambda s, a, b, d: jm.compare(s, "device", d), jm.compare_figure),
    "before_and_after": (lambda s, a, b, d: jm.before_and_after(s, "2024-05-01T00:02"), jm.compare_figure),
    "distance": (lambda s, a, b, d: jm.distance(s, "device", d), None),
    "distance before and after": (lambda s, a, b, d: jm.distance(s, at="2024-05-01T00:02"), None),
    "clusters": (lambda s, a, b, d: jm.clusters(s, number=2), jm.clusters_figure),
}
RAW = re.compile("rt<b>|<i>")
"""A part of a name in `LOGS` that would be markup."""
NO_NUMBER = re.compile(r"\bnan\b|(?<!\()\bNone\b|\bNaT\b|<NA>|\binf\b", re.IGNORECASE)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("which", LOGS)
def test_an_analysis_answers_or_says_what_is_wrong(which: str) -> None:
    steps = LOGS[which]
    names, devices = ([*dict.fromkeys(steps[column].dropna())] for column in ("stage", "device"))
    a, b = [*names, "cart", "pay"][:2]
    log = _prepare(connect(), steps, None, True, ("device", "session_id"))
    for name, (ask, draw) in ANALYSES.items():
        try:
            table = ask(log, str(a), str(b), [*devices, "phone"][0])
        except jm.JourneyMiningError:
            continue
        for text in texts(draw(table) if draw else None):
            assert not NO_NUMBER.search(text), (name, text)
            assert not RAW.search(text), (name, text)


def texts(figure: Any) -> list[str]:
    """All that a figure writes, or says when it is touched."""
    if figure is None:
        return []
    found = re.findall(r'"(?:text|hovertext|customdata|title)":(\[.*?\]|"(?:[^"\\]|\\.)*")', figure.to_json())
    return [
        text.replace("[null", "[").replace(",null", "").replace("\\u003c", "<").replace("\\u003e", ">")
        for text in found
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"stage": [None, "a", "b", "c", "d"]}, "1 rows lack stage"),
        ({"outcome": "lost"}, "no outcome 'lost'"),
        ({"occurred_at": "soon"}, "cannot read a DataFrame .*soon"),
        ({"person_id": ["ann", "bob", "bob", "cid", "cid"]}, "several people, such as 'a'"),
    ],
)
def test_steps_that_break_the_contract_are_refused(change, complaint):
    with pytest.raises(jm.StepsError, match=complaint):
        jm.transitions(STEPS.assign(**change))


LOG = jm.from_pandas(
    STEPS, person="person_id", event="event", time="occurred_at", session="session_id", keep=["device"]
)


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: jm.compare(STEPS, "outcome", "dropped"), "'outcome' says which journey it is or how it ended; .* device"),
        (lambda: jm.compare(STEPS, "person_id", "ann"), "'person_id' says which journey it is"),
        (lambda: jm.compare(STEPS, "devise", "phone"), "no column 'devise'; did you mean 'device'"),
        (lambda: jm.compare(STEPS, None, "phone"), "no column None"),
        (lambda: jm.compare(STEPS, "device", "phones"), "no value 'phones'; did you mean 'phone'"),
        (lambda: jm.compare(STEPS, "device", []), "give at least one value. There are: desk, phone"),
        (lambda: jm.compare(STEPS.rename(columns={"device": "name"}), "name", "phone"), "'name' is what a column of our own"),
        (lambda: jm.transition_diff(STEPS, "journey_id", "a"), "'journey_id' says which journey"),
        (lambda: jm.funnel_breakdown(STEPS, ["cart"], column="outcome"), "'outcome' says which journey"),
        (lambda: jm.funnel_breakdown(STEPS, ["cart"], column=None), "column: give the name of one column"),
        (lambda: jm.funnel(STEPS, ["cart"], hold=["person_id"]), "'person_id' says which journey"),
        (lambda: jm.funnel(STEPS, ["crat", "pay"]), "stages: no stage 'crat'; did you mean 'cart'"),
        (lambda: jm.funnel(STEPS, ["cart", "pay"], exclude=["hlep"]), "exclude: no stage 'hlep'; did you mean 'help'"),
        (lambda: jm.attribution(STEPS, of="person_id", success="pay"), "'person_id' says which journey"),
        (lambda: jm.what_if(STEPS, {"cart": "often"}), "a probability is between 0 and 1, not 'often'"),
        (lambda: jm.variants(STEPS, top="all"), "top: at least 1, not 'all'; give a whole number"),
        (lambda: jm.retention(STEPS, offsets=1.5), "offsets: at least 0, not 1.5"),
        (lambda: jm.transitions(STEPS, quantiles=["half"]), "a share lies between 0 and 1, not 'half'"),
        (lambda: jm.conformance(STEPS, [None]), "a stage is a name or a DesignedStage, not None"),
        (lambda: jm.adjusted([2]), "a probability lies between 0 and 1"),
        (lambda: jm.adjusted(["x"]), "p_values: give numbers"),
        (lambda: jm.difference([1, 2], [1, 2, 3], 1, 1), "one each or as many of each"),
        (lambda: LOG.compare("person_id", "ann", metrics=["reach"]), "'person_id' says which journey.* device, event"),
        (lambda: LOG.segment("device", "phones"), "no value 'phones'; did you mean 'phone'"),
        (lambda: LOG.segment("device"), "give at least one value"),
        (lambda: LOG.filter("event = "), "filter: 'event = ' is no condition on a step"),
        (lambda: LOG.filter("event"), "filter: 'event' is no condition on a step"),
        (lambda: LOG.filter(None), "give a condition in DuckDB's words"),
        (lambda: LOG.rename(["cart"]), "give a mapping from patterns to names"),
        (lambda: LOG.group_rare(n="few"), "n: at least 1, not 'few'"),
        (lambda: opened(memory_limit="lots"), "memory_limit: 'lots' is no amount of memory"),
        (lambda: opened(memory_limit="1MB"), "more memory at once than .*; open or read the log with more"),
        (lambda: opened(keep=["place", "stage"]), "'place' is what a column of our own is called"),
        (lambda: opened(as_of="9999-12-31").lifecycle(), "too late for a calendar"),
        (lambda: closed().transitions(), "log: it is closed"),
        (lambda: closed().filter("event = 'cart'"), "log: it is closed"),
        (lambda: closed().sessions("30m"), "log: it is closed"),
    ],
)  # fmt: skip
def test_an_error_says_what_and_where_and_what_there_is(ask, complaint):
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        ask()


def opened(**more: Any) -> jm.Log:
    return jm.from_pandas(STEPS.assign(place="here"), person="person_id", event="event", time="occurred_at", **more)


def closed() -> jm.Log:
    log = opened()
    log.close()
    return log


def test_journeys_may_be_compared_by_the_name_they_began_with():
    began = STEPS.assign(touchpoint=["list", "till", "list", "home", "help"])
    assert jm.compare(began, "touchpoint", "list", metrics=["reach"])[["n_a", "n_b"]].to_numpy().tolist()[0] == [2, 1]
    assert LOG.segment("event", "cart").grains().table["n"].tolist() == [3, 3, 3]


def test_what_is_kept_may_be_one_name_or_what_is_there_anyway(tmp_path):
    assert opened(keep="device").segment("device", "desk").grains().table["n"].tolist() == [1, 1]
    assert jm.open(publish(tmp_path), keep=["source", "session_id"]).segment("source", "web").grains().table[
        "n"
    ].tolist() == [2, 3, 2]
