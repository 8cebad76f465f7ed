"""Every result has its figure or is named as a table alone; a figure of rows says its numbers in words."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import journey_mining as jm
from journey_mining import Log
from journey_mining.figure_rows import Row, bars, marks
from tests.journey_mining.drawn import steps_of

DOCS = (Path(__file__).parents[2] / "docs/journey_mining.md").read_text()
METHODS = {name for name, method in vars(Log).items() if hasattr(method, "__wrapped__")}
HOSTILE = "<b>cart</b>"
SHOWN = "&lt;b&gt;cart&lt;/b&gt;"
STEPS = steps_of(f"""
    journey_id | person_id | stage     | outcome   | device | occurred_at
    -----------+-----------+-----------+-----------+--------+-----------------
    a          | ann       | {HOSTILE} | succeeded | <i>m   | 2024-05-01 09:00
    a          | ann       | buy       | succeeded | <i>m   | 2024-05-01 10:00
    b          | bob       | {HOSTILE} | dropped   | <i>m   | 2024-05-01 09:00
    c          | cid       | {HOSTILE} | succeeded | d      | 2024-05-01 09:00
    c          | cid       | buy       | succeeded | d      | 2024-05-01 11:00
    d          | dan       | {HOSTILE} | dropped   | d      | 2024-05-01 09:00
    d          | dan       | {HOSTILE} | dropped   | d      | 2024-05-01 09:10
    d          | dan       | help      | dropped   | d      | 2024-05-01 09:30
""")
WAY = [HOSTILE, "buy"]
DAY = pd.Timestamp("2024-05-01")
GOAL = {"m": "buy", "d": "help"}
FIGURES = {
    # Of the two of <i>m that leave the cart one buys, of the two of d too.
    "transition_diff": (jm.transition_diff_figure, lambda: jm.transition_diff(STEPS, "device", "d"),
        f"<b>{SHOWN} → buy</b><br>50.0% minus 50.0%: +0.0 points"),
    # All four come to the cart; Bob drops there.
    "dropoff": (jm.dropoff_figure, lambda: jm.dropoff(STEPS), f"<b>{SHOWN}</b><br>25.0% ("),
    "next_steps": (jm.next_steps_figure, lambda: jm.next_steps(STEPS, [HOSTILE]), "<b>buy</b><br>50.0% ("),
    "sequences": (jm.sequences_figure, lambda: jm.sequences(STEPS), f"<b>{SHOWN} → buy</b><br>50.0% ("),
    "funnel_breakdown": (jm.funnel_breakdown_figure, lambda: jm.funnel_breakdown(STEPS, WAY, column="device"),
        "<b>&lt;i&gt;m</b><br>50.0% ("),
    # Bob and Dan are lost.
    "after_dropoff": (jm.after_dropoff_figure, lambda: jm.after_dropoff(STEPS, WAY), f"Lost after <b>1. {SHOWN}</b>"),
    # Ann takes one hour, Cid two.
    "time_to_convert": (jm.time_to_convert_figure, lambda: jm.time_to_convert(STEPS, WAY), "<b>2. buy</b><br>median 1.5 h ("),
    # Whoever succeeds has been seen on one device, half of them on each.
    "removal_effects": (jm.removal_effects_figure, lambda: jm.removal_effects(STEPS, of="device"),
        "<b>&lt;i&gt;m</b><br>50.0% ("),
    # Ann and Cid did as designed. Bob lacks 1 of 1 visit + 2 stages, Dan 2 of 2 + 2: fitness 2/3 and 1/2.
    "total_conformance": (jm.total_conformance_figure, lambda: jm.total_conformance(STEPS, WAY),
        "<b>fitness, on average</b><br>79.2% ("),
    # Ann and Cid bought and succeeded, Bob and Dan did neither.
    "discriminative": (jm.discriminative_figure, lambda: jm.discriminative_sequences(STEPS),
        f"<b>{SHOWN} → buy</b><br>100.0% of 2 with it, 0.0% of 2 without"),
    # All four begin in the cart, which this design does not know.
    "insertions": (jm.insertions_figure, lambda: jm.insertions(STEPS, ["buy"]), f"<b>{SHOWN}</b><br>100.0% ("),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_a_row_says_its_name_as_it_is_and_its_numbers(name):
    draw, ask, words = FIGURES[name]
    figure = draw(ask())
    told = [note.text for note in figure.layout.annotations]
    assert any(text.startswith(words) for text in told), told
    drawn = figure.to_json().replace("\\u003c", "<")
    assert HOSTILE not in drawn
    assert "<i>" not in drawn
    assert all(re.search(r"\d", text) for text in figure.data[0].hovertext if text)


@pytest.mark.parametrize("name", FIGURES)
def test_a_table_without_rows_is_drawn_as_such(name):
    draw, ask, _ = FIGURES[name]
    assert "nothing to draw" in draw(ask().head(0)).layout.title.text.replace("<br>", " ")


def test_every_result_has_a_figure_or_is_named_as_a_table_alone():
    listed = re.search(r"Lists are tables alone.*?: (.*?)\. A function", DOCS, re.DOTALL).group(1)
    tables = set(re.findall(r"`(\w+)`", listed))
    shared = {"before_and_after": "compare_figure", "discriminative_sequences": "discriminative_figure"}
    drawn = {name for name in METHODS if hasattr(jm, shared.get(name, f"{name}_figure"))}
    assert tables | drawn == METHODS
    assert not tables & drawn


def test_a_table_alone_says_so():
    log = jm.from_pandas(STEPS, person="person_id", event="stage", time="occurred_at")
    with pytest.raises(jm.JourneyMiningError, match="a table alone, without a figure"):
        log.grains().figure()
    assert log.next_steps([HOSTILE]).figure().data


def test_the_surest_differences_are_drawn_first_and_filled():
    """Of 40 on phones all go on to buy, of 40 on desktops none."""
    people = [(f"{device}{n}", device) for device in "md" for n in range(40)]
    rows = [f"{who} | {who} | {device} | {stage}" for who, device in people for stage in ("cart", GOAL[device])]
    steps = steps_of(
        "journey_id | person_id | device | stage | occurred_at\n" + "\n".join(f"{row} | 2024-05-01" for row in rows)
    )
    figure = jm.transition_diff_figure(jm.transition_diff(steps, "device", "m"))
    told = [note.text.split("</b>")[0] for note in figure.layout.annotations]
    assert set(told[:2]) == {"<b>cart → buy", "<b>cart → help"}
    assert figure.layout.title.text.startswith("Of what leaves a name: device m minus all<br>others")
    # That both begin with a cart is no difference.
    assert figure.data[0].marker.symbol == ("circle", "circle", "circle-open")
    chance = jm.transition_diff_figure(jm.transition_diff(STEPS, "device", "d"))
    assert set(chance.data[0].marker.symbol) == {"circle-open"}


def test_a_figure_of_times_says_what_they_count_from_and_no_time_lies_below_a_second():
    """Ann buys at once, Cid an hour after; a logarithm of 0 there is none."""
    steps = STEPS[STEPS["stage"] != "help"].assign(occurred_at=DAY)
    steps.loc[steps["journey_id"].eq("c") & steps["stage"].eq("buy"), "occurred_at"] = DAY + pd.Timedelta(hours=1)
    for since, words in (("previous", "since the stage before"), ("entry", "since entry")):
        figure = jm.time_to_convert_figure(jm.time_to_convert(steps, WAY, since=since))
        assert words in figure.layout.title.text.replace("<br>", " ")
    bought = jm.time_to_convert_figure(jm.time_to_convert(steps[steps["journey_id"] == "a"], WAY))
    assert list(bought.data[0].x) == [1]
    assert "median 0 s" in bought.layout.annotations[0].text


def test_what_is_not_drawn_is_told_and_a_missing_limit_is_no_line():
    rows = [Row(f"row {n}", 0.5, np.nan, np.nan, "") for n in range(31)]
    figure = bars("Shares", rows)
    assert figure.layout.title.text == "Shares (the first 30 of 31)"
    assert set(figure.data[0].error_x.array) == {0}


def test_rows_do_not_lie_on_each_other_however_many_lines_their_words_have():
    rows = [
        Row("one line", 1, 1, 1, ""),
        Row("four<br>lines<br>of<br>words", 1, 1, 1, "", "a group"),
        Row("last", 1, 1, 1, ""),
    ]
    figure = marks("Marks", rows)
    words = {note.text: note.y for note in figure.layout.annotations}
    first, second, third = figure.data[0].y
    assert words["one line"] + 17 <= first < words["a group"] < words["four<br>lines<br>of<br>words"]
    assert words["four<br>lines<br>of<br>words"] + 4 * 17 <= second < words["last"] < third < figure.layout.height
