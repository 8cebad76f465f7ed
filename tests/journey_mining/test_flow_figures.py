"""The figures of flows show what their tables say."""

import pytest

import journey_mining as jm
from journey_mining import sankey, sankey_figure, share_difference, step_matrix, step_matrix_figure
from journey_mining.figures import PALETTE
from journey_mining.flows import step_matrix_figure as drawing
from tests.journey_mining.published_workspace import publish
from tests.journey_mining.test_step_matrix import journeys_of

PATHS = {"a": "ABC", "b": "AB", "c": "B<", "d": "ACAB"}


def test_a_step_matrix_writes_each_share_and_escapes_names():
    figure = step_matrix_figure(step_matrix(journeys_of(PATHS), max_steps=3))
    names, ends = figure.data
    at = {name: place for place, name in enumerate(names.y)}
    assert list(names.y) == ["(start)", "A", "B", "&lt;", "C", "(ended)"]
    assert list(names.text[at["A"]]) == ["", "75", "", "25"]
    assert list(names.z[at["B"]]) == [None, 0.25, 0.5, None]
    assert "of 3 people" in names.customdata[at["A"]][1]
    assert list(ends.text[at["(start)"]]) == ["100", "", "", ""]
    assert figure.layout.title.text == "Share of 4 journeys per step, in %"


def test_each_part_of_a_pattern_has_its_own_map():
    figure = step_matrix_figure(step_matrix(journeys_of(PATHS), max_steps=1, pattern="A->.*->B"))
    assert len(figure.data) == 4
    assert [heading.text for heading in figure.layout.annotations] == ["Part 1, from A", "Part 2, from B"]
    assert figure.layout.title.text.replace("<br>", " ").endswith("75.0% of all")


def test_names_too_many_to_read_are_one_row_with_their_sum(monkeypatch):
    monkeypatch.setattr(drawing, "MOST_NAMES", 1)
    figure = step_matrix_figure(step_matrix(journeys_of(PATHS), max_steps=3))
    names = figure.data[0]
    assert list(names.y) == ["(start)", "A", "(other)", "(ended)"]
    assert list(names.z[2]) == [None, 0.25, 1.0, 0.25]


def nodes_of(figure):
    """{name in the label: [what flows in, what flows out]}"""
    (trace,) = figure.data
    into, out = [0] * len(trace.node.label), [0] * len(trace.node.label)
    for source, target, value in zip(trace.link.source, trace.link.target, trace.link.value, strict=True):
        out[source] += value
        into[target] += value
    return list(zip(trace.node.label, into, out, strict=True))


@pytest.mark.parametrize("anchors", [{}, {"end": "B"}, {"start": "A"}, {"start": "A", "end": "B"}])
def test_a_sankey_diagram_loses_nobody(anchors):
    links = sankey(journeys_of(PATHS), max_steps=3, **anchors)
    nodes = nodes_of(sankey_figure(links))
    everybody = links[links["source"].isin(["(start)", "(more)"])]["n_journeys"].sum()
    assert sum(out for _, into, out in nodes if not into) == everybody
    assert all(into == out for _, into, out in nodes if into and out)
    assert sum(into for _, into, out in nodes if not out) == everybody


def test_a_sankey_diagram_draws_what_the_shares_count_and_says_how_many_are_open():
    """Of four journeys a, b and c are over: two begin with A, one with B; d is open, and nowhere in the diagram."""
    steps = journeys_of(PATHS).assign(
        outcome=lambda all: all["journey_id"].map(lambda id: "open" if id == "d" else "dropped")
    )
    figure = sankey_figure(sankey(steps))
    assert figure.layout.title.text.replace("<br>", " ") == "3 journeys step by step, 1 open ones left out"
    first = {label for label, into, out in nodes_of(figure) if into and out and label.startswith(("A ", "B "))}
    assert {"A 66.7%", "B 33.3%"} <= first
    assert not any("open" in label for label, _, _ in nodes_of(figure))


def test_names_of_a_workspace_have_the_order_and_the_colours_of_its_stages(tmp_path):
    """Look is the first stage and pay the second, though the journeys that count visit pay first, and no less often."""
    figure = sankey_figure(jm.open(publish(tmp_path)).sankey().table)
    node = figure.data[0].node
    shown = dict(zip((label.split()[0] for label in node.label), node.color, strict=True))
    assert (shown["look"], shown["pay"]) == PALETTE[:2]


def test_rare_links_go_one_way_and_the_line_below_says_how_many():
    paths = {f"{n}": ("AB", "CD")[n % 2] for n in range(1500)} | {"x": "AD", "y": "CB"}
    figure = sankey_figure(sankey(journeys_of(paths), max_steps=4))
    assert figure.layout.annotations[-1].text == "Grey ways between columns: 2 rare links, taken 2 times in all."
    assert any(not label for label, _, _ in nodes_of(figure))


def test_names_in_a_diagram_are_escaped():
    assert any("&lt;" in label for label, _, _ in nodes_of(sankey_figure(sankey(journeys_of(PATHS)))))


def test_differences_are_drawn_with_both_numbers():
    first, second = journeys_of(PATHS), journeys_of({"a": "AB", "b": "BB", "c": "BC"})
    matrix = share_difference(step_matrix(first, 2), step_matrix(second, 2))
    (heat,) = step_matrix_figure(matrix).data
    assert heat.text[list(heat.y).index("A")][1] == "+42"
    links = share_difference(sankey(first, top=None), sankey(second, top=None))
    assert any("points" in text for text in sankey_figure(links).data[0].link.customdata)
