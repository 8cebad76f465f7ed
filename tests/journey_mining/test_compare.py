"""Comparing two segments: the rates of both, an interval that people make, and a distance judged by chance."""

import random
from datetime import datetime, timedelta, timezone
from math import asin, sqrt

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

import journey_mining as jm
from journey_mining.comparing.compare_figure import compare_figure
from tests.examples import examples
from tests.journey_mining import reference_comparing as reference
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.test_agreement_with_reference import tables_of_steps

some = examples(12)
METRICS = ["success", "reach", "dropoff", "conversion"]

SHOP = steps_of(
    """
    journey_id | person_id | device | stage  | outcome
    a          | ann       | phone  | search | dropped
    b          | bob       | phone  | search | succeeded
    b          | bob       | tablet | buy    | succeeded
    c          | cid       | phone  | search | open
    d          | dan       | tablet | search | succeeded
    d          | dan       | phone  | buy    | succeeded
    e          | eve       |        | buy    | dropped
    """
)


def of(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["metric", "name"])


def test_both_sides_are_told_with_the_journeys_they_are_of():
    """Phones began the journeys a, b and c, of which c is open; d and e are the rest."""
    assert_shows(
        of(jm.compare(SHOP, "device", "phone")),
        """
        metric     | name   | n_a | n_people_a | n_hits_a | rate_a | n_open_a | n_b | n_hits_b | rate_b | difference
        conversion | buy    | 1   | 1          | 1        | 1      | 0        | 2   | 1        | 1 / 2  | 1 / 2
        conversion | search | 2   | 2          | 1        | 1 / 2  | 1        | 1   | 1        | 1      | -1 / 2
        dropoff    | buy    | 1   | 1          | 0        | 0      | 0        | 2   | 1        | 1 / 2  | -1 / 2
        dropoff    | search | 2   | 2          | 1        | 1 / 2  | 1        | 1   | 0        | 0      | 1 / 2
        reach      | buy    | 2   | 2          | 1        | 1 / 2  | 1        | 2   | 2        | 1      | -1 / 2
        reach      | search | 2   | 2          | 2        | 1      | 1        | 2   | 1        | 1 / 2  | 1 / 2
        success    |        | 2   | 2          | 1        | 1 / 2  | 1        | 2   | 1        | 1 / 2  | 0
        """,
    )


def test_two_named_segments_leave_everybody_else_out():
    found = jm.compare(SHOP, "device", "phone", "tablet", metrics=["success"])
    assert found[["n_a", "n_b", "rate_b"]].iloc[0].tolist() == [2, 1, 1]


def proportions(hits_a: int, n_a: int, hits_b: int, n_b: int) -> pd.DataFrame:
    """People with a journey each, in two segments."""
    rows = [("a", k < hits_a) for k in range(n_a)] + [("b", k < hits_b) for k in range(n_b)]
    table = pd.DataFrame(rows, columns=["side", "is_hit"])
    ids = [f"j{number}" for number in range(len(table))]
    return table.assign(
        journey_id=ids, person_id=ids, step_number=1, stage="s", occurred_at=datetime(2024, 5, 1),
        outcome=np.where(table["is_hit"], "succeeded", "dropped"),
    )  # fmt: skip


def test_two_proportions_agree_with_the_textbook():
    """Newcombe (1998), table II, case (a), method 10: 56/70 - 48/80 = 0.2000, 0.0524 to 0.3339.

    There the ends are those of either side; here both are of the side nearer to 0, and n - 1 of a clustered error
    stands for n: the lower end agrees to a hundredth.
    """
    found = jm.compare(proportions(56, 70, 48, 80), "side", "a", metrics=["success"]).iloc[0]
    assert found["difference"] == pytest.approx(0.2)
    assert found["difference_low"] == pytest.approx(0.0524, abs=0.0015)
    assert found["effect"] == pytest.approx(2 * asin(sqrt(0.8)) - 2 * asin(sqrt(0.6)))


def test_none_of_three_is_no_certainty():
    """0 of 3 against 30 of 100 (Fisher's exact test: p = 0.55); without an error of its own 0 of 3 gave p < 0.00001."""
    assert jm.compare(proportions(0, 3, 30, 100), "side", "a", metrics=["success"])["p_value"].iloc[0] > 0.3


def test_the_surest_difference_comes_first_and_p_is_corrected_over_all_rows():
    found = jm.compare(SHOP, "device", "phone")
    left = np.where(found["difference_low"] * found["difference_high"] > 0,
                    np.minimum(found["difference_low"].abs(), found["difference_high"].abs()), 0)  # fmt: skip
    assert (np.diff(left) <= 0).all()
    known = found["p_value"].notna()
    assert found["p_adjusted"][known].to_numpy() == pytest.approx(jm.adjusted(found["p_value"][known]))


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """300 people with one to eight journeys; some are of the kind that always succeeds; half use both devices."""
    source, rows = random.Random(7), []
    for person in range(300):
        chance, has_two = source.choice([0.2, 0.9]), source.random() < 0.5
        device = source.choice(["phone", "desk"])
        for journey in range(source.randint(1, 8)):
            own = source.choice(["phone", "desk"]) if has_two else device
            is_success = source.random() < chance * (0.8 if own == "phone" else 1)
            stages = ["search"] * (source.random() < 0.8) + ["cart"] * (source.random() < 0.6) + ["help"]
            outcome = "succeeded" if is_success else source.choice(["dropped", "dropped", "active", "open"])
            rows += [
                (
                    f"{person}/{journey}",
                    f"p{person}",
                    number,
                    datetime(2024, 5, 1) + timedelta(hours=number),
                    own,
                    stage,
                    outcome,
                )
                for number, stage in enumerate(stages, start=1)
            ]
    columns = ["journey_id", "person_id", "step_number", "occurred_at", "device", "stage", "outcome"]
    return pd.DataFrame(rows, columns=columns)


def test_a_bootstrap_over_people_gives_the_same_intervals(many):
    """400 draws: their standard deviation is known to 3.5 %, so that 15 % apart is four of its errors."""
    drawn = reference.bootstrap(many.to_dict("records"), "device", "phone")
    found = jm.compare(many, "device", "phone").fillna({"name": ""})
    is_wide = 0
    for row in found.itertuples():
        differences = np.array(drawn[row.metric, row.name or None])
        width = np.quantile(differences, 0.975) - np.quantile(differences, 0.025)
        if width > 0:
            is_wide += 1
            assert row.difference_high - row.difference_low == pytest.approx(width, rel=0.15), (row.metric, row.name)
            assert row.difference == pytest.approx(differences.mean(), abs=0.01)
    assert is_wide == 7  # nobody drops before the last step, and everybody visits it


def test_people_on_both_sides_make_a_difference_surer(many):
    """Whoever succeeds does so on both devices: what they share cancels out."""
    as_strangers = many.assign(person_id=many["person_id"] + many["device"])
    own, strangers = (
        jm.compare(steps, "device", "phone", metrics=["success"]).iloc[0] for steps in (many, as_strangers)
    )
    assert own["difference"] == strangers["difference"]
    assert own["difference_high"] - own["difference_low"] < 0.98 * (
        strangers["difference_high"] - strangers["difference_low"]
    )


@some
@given(tables_of_steps(with_outcome=True), st.data())
def test_rates_agree_and_turning_the_comparison_round_turns_the_sign(steps, data):
    devices = {journey: data.draw(st.sampled_from(["x", "y"])) for journey in steps["journey_id"].unique()}
    steps = steps.assign(device=steps["journey_id"].map(devices))
    if len(set(devices.values())) < 2:
        return
    there, back = jm.compare(steps, "device", "x", "y"), jm.compare(steps, "device", "y", "x")
    sides = reference.sides(steps.to_dict("records"), "device", "x")
    told, limits = [reference.rates(side) for side in sides], [reference.limits(side) for side in sides]
    for row in there.fillna({"name": ""}).itertuples():
        key = (row.metric, row.name or None)
        assert (row.n_a, row.n_hits_a) == told[0].get(key, (row.n_a, 0)), key
        assert (row.n_b, row.n_hits_b) == told[1].get(key, (row.n_b, 0)), key
        for side, known in zip("ab", limits, strict=True):
            shown = [getattr(row, f"{limit}_{side}") for limit in ("low", "high")]
            if key in known:
                assert shown == pytest.approx(
                    [np.nan if limit is None else limit for limit in known[key]], nan_ok=True
                ), key
    one, other = of(there).reset_index(drop=True), of(back).reset_index(drop=True)
    assert one["difference"].to_numpy() == pytest.approx(-other["difference"].to_numpy(), nan_ok=True)
    assert one["difference_low"].to_numpy() == pytest.approx(-other["difference_high"].to_numpy(), nan_ok=True)
    assert one["p_adjusted"].to_numpy() == pytest.approx(other["p_adjusted"].to_numpy(), nan_ok=True)


def test_before_and_after_a_date_counts_journeys_by_their_start():
    """Journey b began before 09:02 and went on after it. 11:02 in Berlin is 09:02 in UTC."""
    found = jm.before_and_after(SHOP, datetime(2024, 5, 1, 9, 2), metrics=["success"])
    assert found[["n_a", "n_b"]].iloc[0].tolist() == [2, 2]
    zoned = datetime(2024, 5, 1, 11, 2, tzinfo=timezone(timedelta(hours=2)))
    pd.testing.assert_frame_equal(jm.before_and_after(SHOP, zoned, metrics=["success"]), found)


def test_the_distance_is_that_of_the_shares_and_halves_of_one_crowd_are_no_further_apart_than_chance(many):
    found = jm.distance(many, "device", "phone").set_index("of")
    mature = many[many["outcome"] != "open"]
    shares = [mature[mature["device"] == device]["stage"].value_counts().sort_index() for device in ("phone", "desk")]
    assert found.loc["names", "distance"] == pytest.approx(jensenshannon(*shares, base=2))
    assert (found["p_value"] > 0.05).all()
    assert (found["distance"] < found["chance_high"]).all()


def test_those_who_do_something_else_are_further_apart_than_chance(many):
    moved = many.assign(stage=many["stage"].where((many["device"] == "desk") | (many["stage"] != "help"), "chat"))
    found = jm.distance(moved, "device", "phone")
    assert (found["p_value"] == 0.001).all()
    assert (found["distance"] > 2 * found["chance_high"]).all()
    pd.testing.assert_frame_equal(jm.distance(moved, "device", "phone"), found)


def test_the_distance_before_and_after_a_date_is_that_of_journeys_by_their_start(many):
    """Every third journey is moved to the day after; a column that says so parts them alike. Berlin's day begins at 22:00."""
    late = many["journey_id"].isin(sorted(many["journey_id"].unique())[::3])
    moved = many.assign(occurred_at=many["occurred_at"] + pd.to_timedelta(late.astype(int), unit="D"))
    moved["day"] = late.map({True: "second", False: "first"})
    by_date, by_column = jm.distance(moved, at="2024-05-02"), jm.distance(moved, "day", "second")
    pd.testing.assert_frame_equal(by_date, by_column)
    assert by_date.attrs["segments"] == ("From 2024-05-02 on", "before")
    berlin = jm.distance(moved, at="2024-05-02", zone="Europe/Berlin")
    pd.testing.assert_frame_equal(berlin, by_date)


@pytest.mark.parametrize(
    "said", [{}, {"column": "device"}, {"a": "phone"}, {"column": "device", "a": "phone", "at": "2024-05-02"}]
)
def test_a_distance_is_of_a_column_or_of_a_date(said, many):
    with pytest.raises(jm.ArgumentError, match="give a column and a value of it, or at="):
        jm.distance(many, **said)


def test_the_sql_of_a_comparison_gives_the_counts_in_any_duckdb(many, tmp_path):
    many.drop(columns="outcome").to_parquet(tmp_path / "events.parquet")
    columns = {"person": "person_id", "event": "stage", "time": "occurred_at", "keep": ["device"]}
    log = jm.from_parquet(tmp_path / "events.parquet", **columns)
    result = log.compare("device", "phone", metrics=["reach"])
    with duckdb.connect() as con:
        counts = con.execute(result.sql).df().set_index("name")
    for row in result.table.to_dict("records"):
        assert counts.loc[row["name"], ["n_hits_a", "n_hits_b"]].tolist() == [row["n_hits_a"], row["n_hits_b"]]


def test_the_forest_shows_every_row_with_both_sides_and_data_as_text():
    shop = SHOP.assign(stage=SHOP["stage"].replace("buy", "<b>buy</b>"))
    table = jm.compare(shop, "device", "phone")
    figure = compare_figure(table)
    assert figure.layout.title.text.replace("<br>", " ").startswith("device phone minus all others, in points")
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert len(texts) == len(table) == sum(len(trace.x) for trace in figure.data)
    dates = compare_figure(jm.before_and_after(shop, "2024-05-01"))
    assert dates.layout.title.text.replace("<br>", " ").startswith("From 2024-05-01 on minus before, in points")
    assert any(text.startswith("reach: &lt;b&gt;buy&lt;/b&gt;<br>50.0% of 2 / 100.0% of 2") for text in texts)


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: jm.compare(SHOP, "devise", "phone"), "no column 'devise'; did you mean 'device'"),
        (lambda: jm.compare(SHOP, "device", "fone"), "device: no value 'fone'; did you mean 'phone'"),
        (lambda: jm.compare(SHOP, "device", ["phone", "tablet"], "phone"), "'phone' is in both segments"),
        (lambda: jm.compare(SHOP, "device", "phone", metrics=["sucess"]), "no metric 'sucess'; did you mean 'success'"),
        (lambda: jm.compare(SHOP, "device", "phone", metrics=[]), "name at least one"),
        (lambda: jm.compare(SHOP.drop(columns="outcome"), "device", "phone"), "needs the column 'outcome'"),
    ],
)
def test_a_wrong_argument_is_told(ask, complaint):
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        ask()


def test_two_who_share_no_name_are_as_far_apart_as_can_be_however_many_names_there_are():
    steps = pd.DataFrame({"journey_id": range(400), "person_id": range(400), "step_number": 1})
    steps = steps.astype({"journey_id": str, "person_id": str}).assign(occurred_at=pd.Timestamp("2024-05-01"))
    steps["touchpoint"] = steps["stage"] = [f"n{n:03}" for n in range(400)]
    steps["side"] = ["a" if n % 2 else "b" for n in range(400)]
    assert jm.distance(steps, "side", "a").set_index("of").loc["names", "distance"] == pytest.approx(1)
