"""Figures of paths: every name is shown as it is, what is not drawn is told, n and interval can be read."""

import re

import pandas as pd
import pytest

import journey_mining as jm
from journey_mining import transitions, transitions_figure, variants, variants_figure
from journey_mining.figures import frame
from journey_mining.transitions.graph_layout import ordered_names
from tests.journey_mining.drawn import steps_of
from tests.journey_mining.published_workspace import publish

STEPS = steps_of("""
    journey_id | person_id | touchpoint   | stage
    -----------+-----------+--------------+------
    a          | ann       | <b>home</b>  | x
    a          | ann       | cart         | x
    a          | ann       | cart         | x
    a          | ann       | <b>home</b>  | x
    b          | bob       | <b>home</b>  | x
    b          | bob       | cart         | x
    c          | cid       | help         | x
""")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return jm.transitions(STEPS, by="touchpoint")


def texts(figure) -> str:
    hover = [
        text
        for trace in figure.data
        for text in ([trace.hovertext] if isinstance(trace.hovertext, str) else trace.hovertext)
    ]
    return "\n".join([*(note.text for note in figure.layout.annotations), *hover])


def test_names_stand_in_the_order_that_is_asked_for_or_by_how_far_they_are_from_the_start(table):
    assert ordered_names(table) == ["(start)", "help", "<b>home</b>", "cart"]
    assert ordered_names(table, ["cart", "<b>home</b>"]) == ["(start)", "cart", "<b>home</b>", "help"]


def rows(figure) -> list[str]:
    """The names of a graph of transitions, from the first row to the last."""
    told = [note for note in figure.layout.annotations if note.text.startswith("<b>")]
    return [note.text.split("</b>")[0][3:] for note in sorted(told, key=lambda note: -note.y)]


def test_the_graph_of_a_workspace_is_laid_out_by_its_stages(tmp_path):
    """Everybody pays before looking, which journey.yaml puts the other way round."""
    log = jm.open(publish(tmp_path))
    assert rows(log.transitions().figure()) == ["(start)", "look", "pay"]
    assert rows(log.transitions(by="touchpoint").figure()) == ["(start)", "shelf", "door", "till"]
    assert rows(log.filter("step_number = 1").transitions().figure()) == ["(start)", "look", "pay"]
    assert rows(log.transitions().figure(order=["pay", "look"])) == ["(start)", "pay", "look"]


def test_names_that_no_stage_is_called_come_last(tmp_path):
    log = jm.open(publish(tmp_path)).rename({"look": "window"})
    assert rows(log.transitions().figure()) == ["(start)", "pay", "window"]


def test_a_long_name_goes_on_in_the_next_line():
    steps = STEPS.replace({"touchpoint": {"help": "a help page with a name of many words"}})
    told = texts(jm.transitions_figure(jm.transitions(steps, by="touchpoint")))
    assert "<b>a help page with a name</b><br><b>of many words</b><br>n = 1" in told


def test_every_name_has_a_way_to_it_however_rare(table):
    drawn = [trace for trace in jm.transitions_figure(table, most=1).data if trace.mode == "lines"]
    assert {trace.hovertext.split(" → ")[1].split("</b>")[0] for trace in drawn} == {
        "&lt;b&gt;home&lt;/b&gt;", "cart", "help",
    }  # fmt: skip


def test_a_name_is_shown_as_it_is_with_its_n_its_ends_and_how_often_it_follows_itself(table):
    told = texts(jm.transitions_figure(table))
    assert "<b>&lt;b&gt;home&lt;/b&gt;</b><br>n = 3" in told
    assert "<b>home" not in told
    assert "end 33.3%" in told
    assert "(end) 1: 33.3%" in told
    assert "↻ 33.3%" in told


def test_ways_onward_lie_above_the_diagonal_and_ways_back_below(table):
    lines = [trace for trace in jm.transitions_figure(table).data if trace.mode == "lines"]
    onward = {
        trace.hovertext.split("<br>")[0]: all(y >= -x - 1e-9 for x, y in zip(trace.x, trace.y, strict=True))
        for trace in lines
    }
    home = "&lt;b&gt;home&lt;/b&gt;"
    assert onward == {
        f"<b>(start) → {home}</b>": True, "<b>(start) → help</b>": True, f"<b>{home} → cart</b>": True,
        f"<b>cart → {home}</b>": False,
    }  # fmt: skip


def test_what_is_not_drawn_is_summed_up(table):
    """Ways of 2, 2, 1 and 1: the first two hold two thirds, and one of the others is the only one to its name."""
    assert "not drawn: 1 of 4 ways, the rarer, 16.7% of all" in texts(jm.transitions_figure(table, coverage=0.6))


def test_a_pruned_graph_says_what_is_left_of_all_and_counts_visits_as_before(table):
    """Of 10 transitions two pairs have 2 each, all others 1. Nothing that leaves the cart is left, but two of three ways to it."""
    pruned = jm.transitions(STEPS, by="touchpoint", min_share=0.15)
    told = texts(jm.transitions_figure(pruned))
    assert pruned["n_transitions"].tolist() == [2, 2]
    assert "pruned: 40.0% of all transitions are left" in told
    assert "<b>cart</b><br>n = 3" in told
    assert "<b>cart</b><br>n = 3" in texts(jm.transitions_figure(table))
    assert "pruned" not in texts(jm.transitions_figure(table))


def test_an_empty_table_gives_an_empty_graph(table):
    assert len(jm.transitions_figure(table.head(0)).layout.annotations) == 1


def test_variants_and_sequences_are_drawn_with_their_numbers():
    twice = pd.concat([STEPS, STEPS.assign(person_id=STEPS["person_id"] + " too")])
    log = jm.from_pandas(twice, person="person_id", event="touchpoint", time="occurred_at")
    assert "<b>&lt;b&gt;home&lt;/b&gt; → cart</b><br>n = 2 · 33.3% · so far 33.3%" in texts(
        log.variants(top=2).figure()
    )
    assert "<b>1 other paths</b><br>n = 2 · 33.3% · so far 100.0%" in texts(log.variants(top=2).figure())
    forest = log.discriminative_sequences(goal="cart").figure()
    assert "<b>&lt;b&gt;home&lt;/b&gt;</b><br>100.0% of 4 with it, 0.0% of 2 without" in texts(forest)


def test_the_longest_bold_name_has_room_beside_the_graph():
    """In bold DejaVu Sans of 11 pixels, the widest font we ask for, Chromium measures 131.5 pixels; 48 are for the bar."""
    steps = steps_of("journey_id | stage\na | documents_uploaded\na | b")
    assert transitions_figure(transitions(steps)).layout.margin.l >= 48 + 131.5


def test_words_over_a_path_fit_a_narrow_phone():
    """390 pixels less the margins hold 44 letters of the bold font."""
    steps = steps_of("journey_id | stage\n" + "\n".join(f"a | stage_number_{n}" for n in range(12)))
    heading = variants_figure(variants(steps)).layout.annotations[0].text
    assert all(len(line) <= 44 for line in re.sub("</?b>", "", heading).split("<br>"))


def test_a_long_title_is_on_several_lines():
    assert all(len(line) <= 42 for line in frame("word " * 20, 100)["title"]["text"].split("<br>"))
