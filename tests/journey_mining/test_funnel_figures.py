"""The figures of funnels say their numbers in words, and hostile names do no harm."""

import pandas as pd
import pytest

from journey_mining import conversion_curve, conversion_drivers, from_pandas, funnel, funnel_trend
from journey_mining.funnels.conversion_curve_figure import conversion_curve_figure
from journey_mining.funnels.conversion_drivers_figure import conversion_drivers_figure
from journey_mining.funnels.funnel_figure import funnel_figure
from journey_mining.funnels.funnel_trend_figure import funnel_trend_figure

HOSTILE = "<img src=x onerror=alert(1)>"
EVENTS = pd.DataFrame(
    [
        ("ann", HOSTILE, "2024-05-01 09:00"),
        ("ann", "<b>help</b>", "2024-05-01 09:05"),
        ("ann", "buy", "2024-05-01 09:10"),
        ("bob", HOSTILE, "2024-05-02 09:00"),
        ("cid", HOSTILE, "2024-05-02 12:00"),
        ("cid", "home", "2024-05-02 13:00"),
    ],
    columns=["person", "event", "time"],
).astype({"time": "datetime64[us]"})
WANTED = [HOSTILE, "buy"]


@pytest.fixture(scope="module")
def log():
    return from_pandas(EVENTS, person="person", event="event", time="time")


FIGURES = {
    "funnel": lambda log: funnel_figure(funnel(log, WANTED)),
    "funnel_trend": lambda log: funnel_trend_figure(funnel_trend(log, WANTED, "2h")),
    "conversion_curve": lambda log: conversion_curve_figure(conversion_curve(log, WANTED)),
    "conversion_drivers": lambda log: conversion_drivers_figure(conversion_drivers(log, WANTED, at_least=1)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_names_from_data_are_shown_as_they_are(name, log):
    drawn = FIGURES[name](log).to_json()
    assert "<img" not in drawn.replace("\\u003c", "<")
    assert "<b>help</b>" not in drawn.replace("\\u003c", "<")


def test_a_bar_says_its_stage_n_share_interval_and_loss(log):
    above = [annotation.text for annotation in FIGURES["funnel"](log).layout.annotations]
    assert above[0].startswith("<b>1. &lt;img")
    assert above[1].startswith("<b>2. buy</b>  1<br>33.3% of before (")
    assert above[1].endswith("), 2 lost")


def test_an_unfinished_day_is_hollow_and_apart(log):
    finished, unfinished = FIGURES["funnel_trend"](log).data
    assert (len(finished.x), unfinished.name) == (1, "unfinished day")
    assert unfinished.mode == "markers"


@pytest.mark.parametrize(
    "draw", [funnel_figure, funnel_trend_figure, conversion_curve_figure, conversion_drivers_figure]
)
def test_a_table_of_nobody_can_be_drawn(draw, log):
    makes = {
        funnel_figure: funnel,
        funnel_trend_figure: funnel_trend,
        conversion_curve_figure: conversion_curve,
        conversion_drivers_figure: conversion_drivers,
    }
    assert draw(makes[draw](log.filter("event <> 'home'"), ["home", "buy"])).to_json()
