"""Two segments compared, cell by cell and link by link."""

import pandas as pd
import pytest
from hypothesis import given

import journey_mining as jm
from journey_mining import ArgumentError, sankey, share_difference, step_matrix
from tests.examples import examples
from tests.journey_mining.drawn import assert_shows
from tests.journey_mining.published_workspace import publish
from tests.journey_mining.reference import benjamini_hochberg
from tests.journey_mining.test_agreement_with_reference import tables_of_steps
from tests.journey_mining.test_step_matrix import journeys_of

few = examples(12)
ANALYSES = [lambda steps: step_matrix(steps, 3), lambda steps: sankey(steps, 3, top=None)]


def test_cells_that_one_side_lacks_count_as_none():
    first, second = journeys_of({"a": "AB", "b": "AC"}), journeys_of({"c": "AB", "d": "AB", "e": "A", "f": "A"})
    assert_shows(
        share_difference(step_matrix(first, 2), step_matrix(second, 2)),
        """
        step | name    | n_journeys_first | n_journeys_second | share_first | share_second | difference
        -----+---------+------------------+-------------------+-------------+--------------+-----------
        0    | (start) | 2                | 4                 | 1           | 1            | 0
        1    | A       | 2                | 4                 | 1           | 1            | 0
        2    | (ended) | 0                | 2                 | 0           | 1 / 2        | -1 / 2
        2    | C       | 1                | 0                 | 1 / 2       | 0            | 1 / 2
        2    | B       | 1                | 2                 | 1 / 2       | 1 / 2        | 0
        """,
    )


@pytest.mark.parametrize("analysis", ANALYSES)
@few
@given(tables_of_steps(), tables_of_steps())
def test_the_difference_the_other_way_round_is_its_negative(analysis, steps, other):
    a, b = analysis(steps), analysis(other)
    one, back = share_difference(a, b), share_difference(b, a)
    keys = [key for key in ("part", "step", "name", "source", "target") if key in one]
    both = one.merge(back, on=keys, suffixes=("", "_back"))
    assert len(both) == len(one) == len(back)
    pd.testing.assert_series_equal(both["difference"], -both["difference_back"], check_names=False)
    pd.testing.assert_series_equal(both["p_adjusted"], both["p_adjusted_back"], check_names=False)
    known = [None if pd.isna(p) else p for p in one["p_value"]]
    corrected = [None if pd.isna(p) else p for p in one["p_adjusted"]]
    assert corrected == pytest.approx(benjamini_hochberg(known))
    if "name" in one:
        assert (one.groupby("step")["difference"].sum().abs() < 1e-9).all()


def test_tables_that_fold_names_cannot_be_compared():
    steps = journeys_of({"a": "AB", "b": "BA"})
    with pytest.raises(ArgumentError, match="first: it folds names into '\\(other\\)'; make both tables with top=None"):
        share_difference(step_matrix(steps, top=1), step_matrix(steps))


def test_the_sql_of_both_tables_is_kept():
    table = step_matrix(journeys_of({"a": "AB"}))
    assert share_difference(table, table).attrs["sql"].count(table.attrs["sql"]) == 2


def test_a_difference_has_the_order_of_the_stages_of_a_workspace(tmp_path):
    links = jm.open(publish(tmp_path)).sankey(top=None).table
    assert tuple(share_difference(links, links).attrs["order"]) == ("look", "pay")


def test_three_of_three_are_no_certainty():
    """3 of 3 against 60 of 100 (Fisher's exact test: p = 0.28); without an error of its own 3 of 3 gave p < 1e-14."""
    few_journeys = journeys_of({f"a{n}": "A" for n in range(3)})
    many_journeys = journeys_of({f"b{n}": "A" if n < 60 else "B" for n in range(100)})
    told = share_difference(step_matrix(few_journeys, 1), step_matrix(many_journeys, 1))
    found = told[told["step"] == 1].set_index("name")
    assert found["p_value"].between(0.1, 0.5).all()
    # Newcombe's tenth method by hand: 3 of 3 is 0.4385 to 1 by Wilson, 60 of 100 is 0.5020 to 0.6906 (of 99 people, nearly so).
    assert found.loc["A", "difference_low"] == pytest.approx(0.4 - (0.5615**2 + 0.0906**2) ** 0.5, abs=1e-3)
    assert found.loc["A", "difference_high"] == pytest.approx(0.4 + 0.0980, abs=1e-3)
    # What one side lacks altogether is 0 of its journeys, with the interval of that.
    assert found.loc["B", "difference_low"] == pytest.approx(-0.4 - 0.0980, abs=1e-3)
