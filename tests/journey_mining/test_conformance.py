"""Conformance: hand-made cases, and agreement with a twin that tries every reading of every journey."""

from datetime import timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journey_mining as jm
from journey_mining import DesignedStage
from journey_mining.conformance.alignment import aligned
from journey_mining.conformance.conformance_figure import conformance_figure
from tests.examples import examples
from tests.journey_mining import reference, reference_conformance
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.test_agreement_with_reference import tables_of_steps

few = examples(25)
SUPPORT = [
    "asked",
    DesignedStage("answered", within="4h"),
    DesignedStage("called", optional=True),
    DesignedStage("solved", within="1d"),
]
TICKETS = """
    journey_id | person_id | stage    | outcome   | occurred_at
    fine       | ann       | asked    | succeeded | 2024-05-01 09:00
    fine       | ann       | answered | succeeded | 2024-05-01 13:00
    fine       | ann       | solved   | succeeded | 2024-05-01 15:00
    late       | bob       | asked    | succeeded | 2024-05-01 09:00
    late       | bob       | answered | succeeded | 2024-05-01 13:01
    late       | bob       | called   | succeeded | 2024-05-01 14:00
    late       | bob       | solved   | succeeded | 2024-05-03 09:00
    skips      | cid       | asked    | succeeded | 2024-05-01 09:00
    skips      | cid       | lost     | succeeded | 2024-05-01 09:05
    skips      | cid       | solved   | succeeded | 2024-05-01 10:00
    back       | cid       | asked    | dropped   | 2024-05-02 09:00
    back       | cid       | answered | dropped   | 2024-05-02 09:30
    back       | cid       | asked    | dropped   | 2024-05-02 10:00
    young      | dan       | asked    | open      | 2024-05-02 10:00
"""


def test_journeys_beside_a_design_by_hand():
    """Three stages are required. late: twice late, nothing else. skips: 1 skipped, 1 inserted, of 3 visits. back: 2 of 3."""
    assert_shows(
        jm.journey_conformance(steps_of(TICKETS), SUPPORT),
        """
        journey_id | is_open | n_visits | n_skipped | n_unreached | n_inserted | n_out_of_order | n_late | fitness
        back       | 0       | 3        | 0         | 1           | 0          | 1              | 0      | 1 - 2 / 6
        fine       | 0       | 3        | 0         | 0           | 0          | 0              | 0      | 1
        late       | 0       | 4        | 0         | 0           | 0          | 0              | 2      | 1
        skips      | 0       | 3        | 1         | 0           | 1          | 0              | 0      | 1 - 2 / 6
        young      | 1       | 1        | 0         | 2           | 0          | 0              | 0      | 1 - 2 / 4
        """,
    )


def test_stages_beside_a_design_by_hand():
    table = jm.conformance(steps_of(TICKETS), SUPPORT)
    assert_shows(
        table,
        """
        position | stage    | n_journeys | n_visited | visited_share | n_passed | n_skipped | skipped_share | n_out_of_order | n_open
        1        | asked    | 4          | 4         | 1             | 4        | 0         | 0             | 1              | 1
        2        | answered | 4          | 3         | 3 / 4         | 4        | 1         | 1 / 4         | 0              | 0
        3        | called   | 4          | 1         | 1 / 4         | 3        | 2         | 2 / 3         | 0              | 0
        4        | solved   | 4          | 3         | 3 / 4         | 3        | 0         | 0             | 0              | 0
        """,
    )
    assert_shows(
        table,
        """
        stage    | within_seconds | n_timed | n_late | late_share | median_seconds
        asked    |                | 0       | 0      |            |
        answered | 4 * 3600       | 3       | 1      | 1 / 3      | 4 * 3600
        called   |                | 1       | 0      |            | 59 * 60
        solved   | 86400          | 3       | 1      | 1 / 3      | 2 * 3600
        """,
    )


def test_what_the_design_does_not_know_is_told_by_where_it_comes():
    """Of four mature journeys of three people Cid's one was lost after asking; the open one was lost before."""
    young = "young | dan | lost | open | 2024-05-02 09:30"
    told = jm.insertions(steps_of(TICKETS.replace("    young ", f"    {young}\n    young ", 1)), SUPPORT)
    assert_shows(
        told,
        """
        after   | stage | n_visits | n_journeys | n_people | share | n_open
        (start) | lost  | 0        | 0          | 0        | 0     | 1
        asked   | lost  | 1        | 1          | 1        | 1 / 4 | 0
        """,
    )
    _, low, high, _ = reference.clustered([("ann", 0), ("bob", 0), ("cid", 1), ("cid", 0)])
    assert told.loc[1, ["low", "high"]].tolist() == pytest.approx([low, high])


def test_the_total_is_of_mature_journeys_and_clustered_by_person():
    total = jm.total_conformance(steps_of(TICKETS), SUPPORT)
    assert_shows(
        total,
        """
        n_journeys | n_people | fitness                 | n_conforming | conforming_share | n_open
        4          | 3        | (1 + 1 + 2/3 + 2/3) / 4 | 1            | 1 / 4            | 1
        """,
    )
    assert_shows(total, "n_skipped | n_unreached | n_inserted | n_out_of_order | n_late\n1 | 1 | 1 | 1 | 2")
    fitness = [("ann", 1), ("bob", 1), ("cid", 2 / 3), ("cid", 2 / 3)]
    low, high, error = reference.clustered(fitness)[1:]
    limits = total.loc[0, ["fitness_low", "fitness_high", "fitness_error"]].tolist()
    assert limits == pytest.approx([low, high, error], rel=1e-6)


def test_a_repeatable_stage_may_be_visited_again_before_the_path_goes_on():
    """x, y, z leaves out two visits to x, as any other reading leaves out two."""
    steps = steps_of("journey_id | stage\n" + "\n".join(f"a | {stage}" for stage in ("x", "y", "x", "z", "x")))
    again = [DesignedStage("x", repeatable=True), DesignedStage("y", optional=True), "z"]
    found = jm.journey_conformance(steps, again).iloc[0]
    assert (found["n_skipped"], found["n_out_of_order"], found["fitness"]) == (0, 2, pytest.approx(1 - 2 / 7))


@st.composite
def designs(draw):
    names = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4, unique=True))
    within = st.sampled_from([None, 0, 1, 60])
    return [(name, draw(st.booleans()), draw(st.booleans()), draw(within)) for name in names]


@few
@given(st.lists(st.sampled_from("ABCD"), max_size=7), designs())
def test_alignments_are_the_best_of_all_readings(path, design):
    position = {name: number for number, (name, *_) in enumerate(design, 1)}
    designed = [name for name in path if name in position]
    chosen = aligned([position[name] for name in designed], [s[1] for s in design], [s[2] for s in design])
    assert chosen == reference_conformance.best_reading(designed, design)


def seconds(within):
    return None if within is None else timedelta(seconds=within)


@examples(10)
@given(tables_of_steps(with_outcome=True), designs(), st.sampled_from(["stage", "touchpoint"]))
def test_conformance_agrees_with_a_twin_and_accounts_for_every_visit_and_stage(steps, design, by):
    if by == "touchpoint":
        steps = steps.assign(touchpoint=steps["stage"])
    if not set(steps["stage"]) & {name for name, *_ in design}:
        with pytest.raises(jm.ArgumentError, match=f"design: no {by} '"):
            jm.conformance(steps, [name for name, *_ in design], by=by)
        return
    stages = [DesignedStage(name, *marks, seconds(within)) for name, *marks, within in design]
    found = jm.journey_conformance(steps, stages, by)
    numbers = ["n_visits", "n_skipped", "n_unreached", "n_inserted", "n_out_of_order", "n_late", "fitness"]
    expected = reference_conformance.deviations(steps.to_dict("records"), design, by)
    assert set(found["journey_id"]) == set(expected)
    for row in found.to_dict("records"):
        assert [row[name] for name in numbers] == pytest.approx(list(expected[row["journey_id"]]))
    table, total = jm.conformance(steps, stages, by), jm.total_conformance(steps, stages, by).iloc[0]
    mature = found[~found["is_open"]]
    required = table[~table["is_optional"]]
    assert (table["n_visited"] + table["n_skipped"] == table["n_passed"]).all()
    assert (table["n_passed"].diff().dropna() <= 0).all()
    assert required["n_skipped"].sum() == mature["n_skipped"].sum() == total["n_skipped"]
    assert table["n_late"].sum() == mature["n_late"].sum()
    assert (required["n_journeys"] - required["n_passed"]).sum() == total["n_unreached"]
    inserted = jm.insertions(steps, stages, by)
    assert inserted["n_visits"].sum() == mature["n_inserted"].sum()
    drawn = reference_conformance.insertions(steps.to_dict("records"), design, by)
    assert {(row.after, row[2]): (row.n_visits, row.n_journeys, row.n_open) for row in inserted.itertuples()} == drawn
    if len(mature):
        assert total["fitness"] == pytest.approx(mature["fitness"].mean(), abs=1e-8)
    for share in ("visited", "skipped", "out_of_order", "late"):
        known = table.dropna(subset=[f"{share}_share", f"{share}_low"])
        assert known[f"{share}_share"].between(known[f"{share}_low"], known[f"{share}_high"]).all()


def test_a_published_workspace_says_how_its_journeys_are_designed(tmp_path):
    with duckdb.connect(tmp_path / "journeys.duckdb") as con:
        con.execute(
            "CREATE TABLE journey_definitions AS FROM (VALUES ('support', 2), ('buy', 1)) AS t(journey, position)"
        )
        con.execute("""
            CREATE TABLE stages AS FROM (VALUES
                ('support', 'solved', 2, FALSE, FALSE, 172800),
                ('support', 'asked', 1, FALSE, TRUE, NULL),
                ('buy', 'look', 1, TRUE, FALSE, NULL)
            ) AS t(journey, stage, position, is_optional, is_repeatable, within_seconds)
        """)
    path = tmp_path / "journeys.duckdb"
    assert jm.designed_path(path) == [DesignedStage("look", optional=True)]
    assert jm.designed_path(path, "support") == [
        DesignedStage("asked", repeatable=True),
        DesignedStage("solved", within=timedelta(days=2)),
    ]
    with pytest.raises(jm.ArgumentError, match="no journey 'suport'; did you mean 'support'"):
        jm.designed_path(path, "suport")
    with pytest.raises(jm.StepsError, match="no designed path can be read"):
        jm.designed_path(tmp_path / "nothing.duckdb")


@pytest.mark.parametrize(
    ("design", "complaint"),
    [
        ([], "design: give a list of at least one stage"),
        ("asked", "design: give a list of at least one stage, not 'asked'"),
        (["asked", "solved", "asked"], "'asked' is there twice"),
        ([DesignedStage("asked", within="soon")], "within of 'asked': 'soon' is no length of time"),
        (["buy", "sell"], "design: no stage 'buy'. There are: answered, asked"),
    ],
)
def test_a_design_that_is_none_is_refused(design, complaint):
    with pytest.raises(jm.ArgumentError, match=complaint):
        jm.conformance(steps_of(TICKETS), design)


def test_a_figure_shows_every_stage_and_no_markup_of_strangers():
    steps = steps_of(TICKETS).replace({"stage": {"called": "<img src=x>"}})
    table = jm.conformance(steps, ["asked", "answered", "<img src=x>", "solved"])
    texts = [annotation.text for annotation in conformance_figure(table).layout.annotations]
    assert [text.split("</b>")[0] for text in texts] == [
        "<b>1 asked",
        "<b>2 answered",
        "<b>3 &lt;img src=x&gt;",
        "<b>4 solved",
    ]


def test_an_optional_stage_that_was_left_out_is_not_drawn_as_a_fault():
    """One of two journeys has no `asked`, which may be left out, one no `answered`, which may not."""
    steps = steps_of("""
        journey_id | stage
        -----------+---------
        a          | asked
        a          | solved
        b          | answered
        b          | solved
    """)
    table = jm.conformance(steps, [DesignedStage("asked", optional=True), "answered", "solved"])
    bars = {bar.name: list(bar.x) for bar in conformance_figure(table).data}
    assert bars["skipped"] == [0, 0.5, 0]
    assert bars["left out"] == [0.5, 0, 0]
