"""A funnel for each value of a column."""

from journey_mining import funnel_breakdown
from tests.journey_mining.drawn import steps_of


def test_a_breakdown_by_the_first_the_last_a_stage_s_and_every_value():
    """On Chrome she looks and fills the cart; in Firefox she looks again and pays."""
    steps = steps_of("""
        journey_id | stage | browser
        -----------+-------+--------
        a          | look  | Chrome
        a          | look  | Firefox
        a          | cart  | Chrome
        a          | pay   | Firefox
        b          | look  |
    """)

    def told(attribution):
        table = funnel_breakdown(steps, ["look", "cart", "pay"], column="browser", attribution=attribution)
        return {segment: rows["n_entries"].tolist() for segment, rows in table.groupby("segment")}

    assert told("first") == {"Chrome": [1, 1, 1], "(none)": [1, 0, 0]}
    assert told("last") == {"Firefox": [1, 1, 1], "(none)": [1, 0, 0]}
    assert told(2) == {"Chrome": [1, 1, 1], "(none)": [1, 0, 0]}
    assert told("all") == {"Chrome": [1, 1, 0], "Firefox": [1, 0, 0]}


def test_rare_values_of_a_breakdown_are_put_together():
    steps = steps_of("journey_id | stage | device\na | A | x\nb | A | x\nc | A | y\nd | A | z")
    table = funnel_breakdown(steps, ["A"], column="device", top=1)
    assert dict(zip(table["segment"], table["n_entries"], strict=True)) == {"x": 2, "(other)": 2}
