"""Any flow, drawn: no journey is lost, no number is about too few people, and no node stands on another."""

from collections import Counter
from contextlib import closing
from itertools import groupby, pairwise

import duckdb
import pandas as pd
import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from journey_mining.flows.diagram import ENDS, RARE, Flow, is_stage
from journey_mining.flows.diagram_layout import layout
from pipelines.figures import Stage, sankey_figure, stage_colours
from pipelines.flow_links import flow, later
from pipelines.journey_flow import MAX_VISITS, WAYS
from pipelines.warehouse import run_all

LEAST = 3

journeys = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.lists(st.sampled_from("ABCD"), min_size=1, max_size=6),
        st.sampled_from(("(success)", "(dropped)", "(active)")),
    ),
    min_size=1,
    max_size=60,
)


def flow_over(found: list[tuple[int, list[str], str]], n_visits: int) -> Flow | None:
    """The flow over journeys: a person, stages, an end."""
    outcomes = [
        {
            "journey_id": f"journey {number}",
            "person_id": f"person {person}",
            "persona": "new",
            "is_mature": True,
            "outcome": end.strip("()").replace("success", "succeeded"),
        }
        for number, (person, _, end) in enumerate(found)
    ]
    visits = [
        {"journey": "purchase", "journey_id": f"journey {number}", "visit_number": visit, "stage": stage}
        for number, (_, path, _) in enumerate(found)
        for visit, (stage, _) in enumerate(groupby(path), 1)
    ]
    with closing(duckdb.connect()) as con:
        con.register("journey_outcomes", pd.DataFrame(outcomes))
        con.register("stage_visits", pd.DataFrame(visits))
        run_all(con, WAYS, {"journey": "purchase", "max_visits": MAX_VISITS})
        return flow(con, "(all)", n_visits, LEAST)


@given(journeys, st.integers(1, 4))
def test_no_number_is_about_too_few_people_and_no_journey_is_lost(found, n_visits):
    drawn = flow_over(found, n_visits)
    if drawn is None:
        return
    assert drawn.n_journeys == len(found)
    assert min(one.n_people for one in (*drawn.nodes, *drawn.links)) >= LEAST
    into, out = Counter(), Counter()
    for link in drawn.links:
        out[link.source] += link.n_journeys
        into[link.target] += link.n_journeys
    for node in drawn.nodes:
        assert node.n_journeys == (into[node.place] or out[node.place])
        assert node.place[1] in ENDS or node.n_journeys == out[node.place]
    assert sum(node.n_journeys for node in drawn.nodes if node.place[1] in ENDS) == len(found)


@given(journeys, st.integers(1, 4))
def test_nodes_stand_in_their_order_and_none_on_another(found, n_visits):
    drawn = flow_over(found, n_visits)
    if drawn is None:
        return
    for part in [drawn, *([later(drawn, 2)] if drawn.columns[1] > 3 else [])]:
        centres, _ = layout(part, "ABCD", 540)
        assert all(0.001 <= value <= 0.999 for centre in centres.values() for value in centre)
        for column in {place[0] for place in centres}:
            standing = sorted((y, place[1]) for place, (_, y) in centres.items() if place[0] == column)
            stages = [name for _, name in standing if is_stage(name) and name != "(other)"]
            assert stages == sorted(stages)
            assert all(below - above >= (17 + 5) / 540 - 1e-4 for (above, _), (below, _) in pairwise(standing))
        stages = {name: Stage(name, name, colour) for name, colour in stage_colours("ABCD").items()}
        assert len(go.Figure(data=sankey_figure(part, stages)["data"]).data) == 1, "Plotly knows every property"


def test_rare_links_are_bundled_and_their_sum_is_shown():
    found = [(number, ["A", "B"], "(dropped)") for number in range(900)] + [
        (number, [*"AC"], "(dropped)") for number in range(100)
    ]
    found += [(number, ["B", "C"], "(success)") for number in range(4)] + [
        (number, ["B", "A"], "(success)") for number in range(900)
    ]
    found += [(number, ["A", "D"], "(dropped)") for number in range(3)] + [
        (number, ["D", "C"], "(dropped)") for number in range(50)
    ]
    found += [(number, ["D", "B"], "(dropped)") for number in range(4)]
    drawn = flow_over(found, 3)
    assert drawn.rare[1] == (2, 8), "B to C, D to B; A to D is the only way to D"
    assert [node.n_journeys for node in drawn.nodes if node.place == (1.5, RARE)] == [8]
    assert {
        (link.source, link.target): link.n_journeys for link in drawn.links if RARE in (link.source[1], link.target[1])
    } == {
        ((1, "B"), (1.5, RARE)): 4,
        ((1, "D"), (1.5, RARE)): 4,
        ((1.5, RARE), (2, "C")): 4,
        ((1.5, RARE), (2, "B")): 4,
    }
