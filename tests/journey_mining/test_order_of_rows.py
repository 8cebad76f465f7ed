"""Steps are numbered by their place in a table that was sorted once. That must hold on a log of many blocks, read by
many threads, which does not fit in memory: here beside pandas, which numbers them group by group."""

import numpy as np
import pandas as pd
import pytest

import journey_mining as jm
from journey_mining.prepared import connect, looked_into

N_ROWS = 200_000


@pytest.fixture(scope="module")
def events():
    """Few instants, so that many steps of a person are at once, in the order of the rows; sessions overlap."""
    random = np.random.default_rng(7)
    who = random.integers(0, 10_000, N_ROWS).astype(str)
    return pd.DataFrame(
        {
            "who": who,
            "what": random.choice(list("AABCD"), N_ROWS),
            "at": pd.Timestamp("2024-05-01") + pd.to_timedelta(random.integers(0, 500, N_ROWS), unit="min"),
            "visit": np.char.add(np.char.add(who, "/"), random.integers(0, 4, N_ROWS).astype(str)),
        }
    )


@pytest.fixture(scope="module")
def log(events, tmp_path_factory):
    path = tmp_path_factory.mktemp("order") / "events.parquet"
    events.to_parquet(path, row_group_size=20_000)

    def crowded(memory_limit):
        con = connect("48MB")
        con.execute("SET threads = 8")
        return con

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("journey_mining.opening.connect", crowded)
        return jm.from_parquet(path, person="who", event="what", time="at", session="visit")


@pytest.fixture(scope="module")
def steps(events):
    """The steps as pandas sorts them."""
    return events.rename_axis("place").reset_index().sort_values(["who", "at", "place"], ignore_index=True)


def assert_numbered(log, steps, journey):
    """Each step has its number, its name and the name and time before it."""
    con, _ = looked_into(log, "event")
    found = con.execute(
        """SELECT journey_id, visit_number, step_number, name::VARCHAR AS name, entered_at,
            previous_name::VARCHAR AS previous_name, seconds_before, is_last
        FROM visits JOIN journeys USING (journey_no) ORDER BY visits.journey_no, visit_number"""
    ).df()
    of_journey = steps.groupby(journey, sort=False)
    number = of_journey.cumcount() + 1
    assert (found["step_number"].to_numpy() == number.to_numpy()).all()
    assert (found["visit_number"].to_numpy() == number.to_numpy()).all()
    assert (found["name"].to_numpy() == steps["what"].to_numpy()).all()
    before = of_journey["what"].shift().fillna("").to_numpy()
    assert (found["previous_name"].fillna("").to_numpy() == before).all()
    seconds = of_journey["at"].diff().dt.total_seconds().fillna(-1).to_numpy()
    assert (found["seconds_before"].fillna(-1).to_numpy() == seconds).all()
    assert (found["is_last"].to_numpy() == (of_journey.cumcount(ascending=False) == 0).to_numpy()).all()


def test_the_steps_of_a_person_are_in_the_order_of_time_then_of_the_file(log, steps):
    assert_numbered(log, steps, "who")


def test_filtered_steps_keep_their_order(log, steps):
    kept = steps[steps["what"] != "A"]
    assert_numbered(log.filter("event <> 'A'"), kept, "who")
    wanted = "journey_no IN (SELECT journey_no FROM rows WHERE event = 'D' AND step_number = 1)"
    first = steps.groupby("who")["what"].transform("first")
    assert_numbered(log.filter(wanted.replace("rows", f"{log.schema}.rows")), steps[first == "D"], "who")


def test_renamed_steps_keep_their_order(log, steps):
    assert_numbered(log.rename({"^A$": "Z"}), steps.assign(what=steps["what"].replace("A", "Z")), "who")


def test_steps_that_are_all_named_otherwise_keep_their_order(steps):
    """There are as many names as rows, so that a join with the names may begin at either side."""
    few = steps.head(20_000).assign(
        what=lambda rows: [f"{name}{place}" for name, place in rows[["what", "place"]].to_numpy()]
    )
    log = jm.from_pandas(few.sort_values("place"), person="who", event="what", time="at")
    assert_numbered(log.rename({"^A": "Z"}), few.assign(what=few["what"].str.replace("A", "Z")), "who")


def test_sessions_by_silence_are_cut_in_order(log, steps):
    silence = steps.groupby("who")["at"].diff() > pd.Timedelta(minutes=20)
    is_start = silence | (steps["who"] != steps["who"].shift())
    assert_numbered(log.sessions("20m"), steps.assign(session=is_start.cumsum()), "session")


def test_sessions_that_overlap_are_put_one_after_the_other(log, steps):
    first = steps.index.to_series().groupby([steps["who"], steps["visit"]]).transform("min")
    assert_numbered(log.sessions(), steps.assign(session=first).sort_values("session", kind="stable"), "session")


def test_what_comes_before_and_after_a_step_is_of_its_own_journey(log, steps):
    of_journey = steps.groupby("who")["what"]
    seen = pd.DataFrame(
        {
            "before": of_journey.shift().fillna("(start)"),
            "name": steps["what"],
            "next": of_journey.shift(-1).fillna("(end)"),
        }
    ).value_counts()
    likelihood = (seen * np.log(seen / seen.groupby(["before", "name"]).transform("sum"))).sum()
    assert log.order_test().table["log_likelihood"].iloc[2] == pytest.approx(likelihood)


def test_runs_of_one_name_are_numbered_in_order(events):
    """By stage, so a visit is a run of steps."""
    steps = pd.DataFrame(
        {
            "journey_id": events["who"],
            "person_id": events["who"],
            "step_number": np.arange(N_ROWS),
            "occurred_at": pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(N_ROWS), unit="s"),
            "stage": events["what"],
        }
    ).sort_values(["journey_id", "step_number"])
    is_run = (steps["stage"] != steps["stage"].shift()) | (steps["journey_id"] != steps["journey_id"].shift())
    runs = steps[is_run]
    expected = pd.DataFrame(
        {"from": runs.groupby("journey_id")["stage"].shift().fillna("(start)"), "to": runs["stage"]}
    ).value_counts()
    found = jm.transitions(steps.sample(frac=1, random_state=1)).set_index(["from", "to"])["n_transitions"]
    found = found[found.index.get_level_values("to") != "(end)"]
    assert found.to_dict() == expected.to_dict()
