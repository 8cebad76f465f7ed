"""The table of steps: every form gives the same numbers, and a wrong one an error that says what to do."""

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from journey_mining import ArgumentError, StepsError, dropoff, funnel, transitions
from tests.journey_mining.drawn import steps_of

STEPS = steps_of("""
    journey_id | person_id | stage  | touchpoint | outcome
    -----------+-----------+--------+------------+----------
    a          | ann       | search | home       | succeeded
    a          | ann       | cart   | basket     | succeeded
    b          |           | search | home       | dropped
""")


@pytest.fixture(scope="module")
def parquet(tmp_path_factory):
    path = tmp_path_factory.mktemp("steps") / "journey_steps.parquet"
    STEPS.to_parquet(path)
    return path


@pytest.mark.parametrize("form", ["Arrow table", "Arrow reader", "DuckDB relation", "path", "text path", "objects"])
def test_every_form_gives_the_same_table(form, parquet):
    forms = {
        "Arrow table": lambda: pa.Table.from_pandas(STEPS),
        "Arrow reader": lambda: pa.Table.from_pandas(STEPS).to_reader(),
        "DuckDB relation": lambda: duckdb.connect().from_df(STEPS.assign(stage_label="not needed")),
        "path": lambda: parquet,
        "text path": lambda: str(parquet),
        "objects": lambda: STEPS.astype({"person_id": object, "stage": "category", "step_number": float}),
    }
    pd.testing.assert_frame_equal(transitions(forms[form]()), transitions(STEPS))
    pd.testing.assert_frame_equal(dropoff(forms[form]()), dropoff(STEPS))


def test_the_order_of_the_rows_does_not_matter():
    pd.testing.assert_frame_equal(transitions(STEPS.iloc[::-1]), transitions(STEPS))


def test_times_with_a_zone_are_taken_as_instants():
    """Over the night in which Berlin's clocks go forward, 01:30 to 03:30 is one hour."""
    local = STEPS.head(2).assign(
        occurred_at=pd.to_datetime(["2024-03-31 01:30", "2024-03-31 03:30"]).tz_localize("Europe/Berlin")
    )
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Europe/Berlin'")
    for steps in (local, con.from_df(local)):
        assert funnel(steps, ["search", "cart"])["median_seconds"].iloc[1] == 3600


def test_the_caller_s_connection_and_frame_are_left_as_they_were():
    con, frame = duckdb.connect(), STEPS.copy()
    transitions(con.from_df(frame))
    assert con.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
    pd.testing.assert_frame_equal(frame, STEPS)


def test_a_missing_column_is_named_with_what_is_there_and_the_nearest_name():
    with pytest.raises(StepsError) as error:
        transitions(STEPS.rename(columns={"stage": "stages"}), by="stage")
    assert str(error.value) == (
        "steps: no column 'stage'; did you mean 'stages'? There are: "
        "journey_id, occurred_at, outcome, person_id, stages, step_number, touchpoint"
    )


def test_a_missing_column_of_a_relation_is_named_too():
    with pytest.raises(StepsError, match="no column 'touchpoint'"):
        transitions(duckdb.connect().from_df(STEPS.drop(columns="touchpoint")), by="touchpoint")


def test_only_the_column_of_names_that_is_asked_for_is_needed():
    for by, other in (("stage", "touchpoint"), ("touchpoint", "stage")):
        pd.testing.assert_frame_equal(
            transitions(STEPS.drop(columns=other), by=by), transitions(STEPS, by=by), check_flags=False
        )


@pytest.mark.parametrize("steps", ["nowhere.parquet", 42, [("a", 1)]])
def test_what_is_no_table_is_refused_with_the_forms_there_are(steps):
    with pytest.raises(StepsError, match="give a pandas DataFrame, an Arrow table"):
        transitions(steps)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"stage": [None, "cart", "search"]}, "1 rows lack stage"),
        ({"journey_id": ["a", None, None]}, "2 rows lack journey_id"),
        ({"step_number": [2, 2, 1]}, "1 rows repeat a step_number of their journey"),
        ({"step_number": ["one", "two", "one"]}, "cannot read a DataFrame"),
        ({"stage": ["search", "(dropped)", "search"]}, r"stage '\(dropped\)' is a name of our own"),
        ({"outcome": ["succeeded", "succeeded", "droped"]}, "no outcome 'droped'; did you mean 'dropped'"),
        ({"outcome": ["succeeded", "succeeded", ""]}, "no outcome ''"),
        ({"outcome": ["succeeded", "active", "dropped"]}, "1 journeys have several outcomes"),
        ({"outcome": ["succeeded", None, "dropped"]}, "1 journeys have several outcomes"),
        ({"outcome": ["succeeded", "succeeded", None]}, "1 journeys have no outcome"),
        ({"person_id": ["ann", "bob", None]}, "1 journeys have several people"),
        (
            {"occurred_at": pd.to_datetime(["2024-05-02", "2024-05-01", "2024-05-01"])},
            "1 rows are earlier than the step",
        ),
    ],
)
def test_rows_that_break_the_contract_are_refused(changed, complaint):
    with pytest.raises(StepsError, match=complaint):
        transitions(STEPS.assign(**changed))


def test_names_come_from_one_of_three_columns():
    with pytest.raises(ArgumentError, match="by: no column 'stages'; did you mean 'stage'"):
        transitions(STEPS, by="stages")


def test_a_name_with_quotes_is_a_name():
    hostile = "'; DROP TABLE steps; --"
    table = transitions(STEPS.assign(stage=hostile))
    assert table["to"].iloc[0] == hostile
    assert funnel(STEPS.assign(stage=hostile), [hostile])["n_journeys"].tolist() == [2]
