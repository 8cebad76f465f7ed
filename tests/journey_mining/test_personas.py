"""Personas from behaviour: planted ones are found, as many as there are, and keep their names."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from math import log

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import journey_mining as jm
from journey_mining.personas.clusters_figure import clusters_figure
from journey_mining.personas.features import put_units
from journey_mining.personas.names import matched, named
from journey_mining.personas.stability import chosen, stabilities
from journey_mining.steps import opened

KINDS = {
    "buyers": (["search", "cart", "buy"], 6, 1),
    "readers": (["article", "article", "comment"], 6, 1),
    "askers": (["help", "ticket", "search"], 6, 1),
}
"""How three kinds of people behave: what they do, how many steps, how many days apart their sessions are."""


def crowd(n: int, seed: int, kinds: dict = KINDS) -> pd.DataFrame:
    """Events of `n` people of planted kinds; a fifth of what each does is anything."""
    source, rows = random.Random(seed), []
    anything = sorted({name for names, *_ in kinds.values() for name in names})
    for number in range(n):
        kind = list(kinds)[number % len(kinds)]
        names, n_steps, days = kinds[kind]
        instant = datetime(2024, 5, 1) + timedelta(minutes=source.randrange(999))
        for step in range(n_steps + source.randrange(4)):
            name = names[step % len(names)] if source.random() < 0.8 else source.choice(anything)
            rows.append((f"{kind}/{seed}/{number}", name, instant, kind))
            instant += timedelta(minutes=2) if step % 3 else timedelta(days=days)
    return pd.DataFrame(rows, columns=["who", "what", "at", "kind"])


def log_of(events: pd.DataFrame) -> jm.Log:
    return jm.from_pandas(events, person="who", event="what", time="at")


@pytest.fixture(scope="module")
def planted() -> jm.Log:
    return log_of(crowd(300, 1))


@pytest.fixture(scope="module")
def found(planted) -> pd.DataFrame:
    return planted.clusters().table


def overview(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop_duplicates("persona").set_index("persona")


def test_planted_kinds_are_found_and_no_more(planted, found):
    members = planted.members(found).table
    kinds = members["unit_id"].str.split("/").str[0]
    assert overview(found)["n_units"].tolist() == [100, 100, 100]
    assert adjusted_rand_score(kinds, members["persona"]) == 1
    assert overview(found)["stability"].min() > 0.98


def test_a_persona_is_named_by_what_sets_it_apart(planted, found):
    members = planted.members(found).table
    kinds = members["unit_id"].str.split("/").str[0]
    named_after = dict(zip(kinds, members["persona"], strict=True))
    assert any(name in named_after["buyers"] for name in ("cart", "buy"))
    assert any(name in named_after["readers"] for name in ("article", "comment"))
    assert any(name in named_after["askers"] for name in ("help", "ticket"))
    assert all(name.startswith("more ") for name in named_after.values())


def test_a_crowd_without_kinds_is_told_by_its_stability():
    one_kind = {"all": (["a", "b", "c", "d", "e"], 12, 1)}
    assert overview(log_of(crowd(300, 1, one_kind)).clusters().table)["stability"].max() < 0.7


def test_the_same_steps_give_the_same_personas_in_any_order(found):
    events = crowd(300, 1)
    shuffled = events.sample(frac=1, random_state=3).sort_values("at", kind="stable")
    pd.testing.assert_frame_equal(log_of(shuffled).clusters().table, found)


def test_names_stay_when_most_people_are_others(found):
    """Tomorrow 200 of the 300 people are new, and the askers are twice as many."""
    tomorrow = pd.concat(
        [crowd(300, 1).query("who.str.len() % 3 != 0"), crowd(200, 2), crowd(100, 4, {"askers": KINDS["askers"]})]
    )
    again = log_of(tomorrow).clusters(yesterday=found).table
    assert set(again["persona"]) == set(found["persona"])
    told = overview(again)
    assert (told["moved_share"] < 0.05).all()
    assert (told["drift"] < 0.2).all()


def test_nothing_moves_where_nothing_changed(planted, found, tmp_path):
    found.to_parquet(tmp_path / "personas.parquet")
    again = planted.clusters(yesterday=pd.read_parquet(tmp_path / "personas.parquet")).table
    assert (again["moved_share"] == 0).all()
    assert (again["drift"] < 1e-9).all()
    pd.testing.assert_frame_equal(
        again.drop(columns=["moved_share", "drift"]), found.drop(columns=["moved_share", "drift"])
    )


def test_who_moves_over_a_border_is_told_as_moved_and_a_centre_that_moved_as_drift(planted, found):
    """Yesterday the first persona's centre lay most of the way to the second's: who is now of the second was then nearer to it."""
    key = ["kind", "source", "target"]
    centres = found.pivot(index=key, columns="persona", values="centre")
    weight = found.drop_duplicates(key).set_index(key)["weight"]
    first, second, third = centres.columns
    then = centres.copy()
    then[first] += 0.7 * (centres[second] - centres[first])

    def apart(one, other):
        return ((weight * (one - other)) ** 2).sum() ** 0.5

    yesterday = found.assign(
        centre=[then.loc[tuple(row[name] for name in key), row["persona"]] for _, row in found.iterrows()]
    )
    again = overview(planted.clusters(yesterday=yesterday).table)
    nearest = min(apart(then[first], then[other]) for other in (second, third))
    assert again["drift"].to_dict() == pytest.approx(
        {first: apart(centres[first], then[first]) / nearest, second: 0, third: 0}
    )
    was, now = (planted.members(table).table.set_index("unit_id")["persona"] for table in (yesterday, found))
    assert again["moved_share"].to_dict() == pytest.approx(
        {name: (was[now == name] != name).mean() for name in centres}
    )
    assert again["moved_share"].max() > 0


def test_a_kind_that_comes_up_is_new_and_the_others_keep_their_names(found):
    fans = {"fans": (["video", "like", "share"], 6, 1)}
    again = overview(log_of(pd.concat([crowd(300, 1), crowd(100, 5, fans)])).clusters(yesterday=found).table)
    assert len(again) == 4
    (new,) = set(again.index) - set(found["persona"])
    assert any(name in new for name in ("video", "like", "share"))
    assert np.isnan(again.loc[new, "drift"])
    assert np.isnan(again.loc[new, "moved_share"])


def test_a_feature_is_what_it_says(planted, found):
    """The mean of a persona, from its members' events by hand."""
    events, members = crowd(300, 1), planted.members(found).table
    persona = found["persona"].iloc[0]
    own_people = set(members.loc[members["persona"] == persona, "unit_id"])
    visits = [group.sort_values("at") for who, group in events.groupby("who") if who in own_people]

    def mean(kind, source, target):
        own = found[found["persona"] == persona].set_index(["kind", "source", "target"])
        return own.loc[(kind, source, target), "mean"]

    name = found.query("persona == @persona and kind == 'name'")["target"].iloc[0]
    assert mean("name", "", name) == pytest.approx(np.mean([(own["what"] == name).mean() for own in visits]))
    move = found.query("persona == @persona and kind == 'transition'").iloc[0]
    pairs = [list(pairwise(own["what"])) for own in visits]
    shares = [sum(pair == (move.source, move.target) for pair in own) / len(own) for own in pairs]
    assert mean("transition", move.source, move.target) == pytest.approx(np.mean(shares))
    pauses = [own["at"].diff().dropna().dt.total_seconds() for own in visits]
    assert mean("amount", "", "visits") == pytest.approx(np.mean([log(1 + len(own)) for own in visits]))
    assert mean("amount", "", "sessions") == pytest.approx(np.mean([log(2 + (own > 1800).sum()) for own in pauses]))
    assert mean("amount", "", "seconds") == pytest.approx(np.mean([log(1 + own[own <= 1800].sum()) for own in pauses]))


def test_everybody_belongs_to_the_nearest_centre(planted, found):
    """Weighted distances by hand, of ten people to each centre."""
    events, members = crowd(300, 1), planted.members(found).table.set_index("unit_id")["persona"]
    for who in list(members.index)[::30]:
        own = events[events["who"] == who].sort_values("at")["what"].tolist()
        pauses = events[events["who"] == who].sort_values("at")["at"].diff().dropna().dt.total_seconds()
        amounts = {"visits": len(own), "sessions": 1 + (pauses > 1800).sum(), "seconds": pauses[pauses <= 1800].sum()}

        def value(row, own=own, amounts=amounts):
            if row.kind == "amount":
                return log(1 + amounts[row.target])
            pairs = own if row.kind == "name" else list(pairwise(own))
            return pairs.count(row.target if row.kind == "name" else (row.source, row.target)) / len(pairs)

        distances = {
            persona: sum((row.weight * (value(row) - row.centre)) ** 2 for row in rows.itertuples())
            for persona, rows in found.groupby("persona")
        }
        assert members[who] == min(distances, key=distances.__getitem__)


def test_journeys_have_personas_of_their_own(planted):
    table = planted.sessions("30m").clusters(of="journey").table
    assert overview(table)["n_units"].sum() == len(planted.sessions("30m").members(table, of="journey").table)


def test_the_sql_of_the_members_gives_them_in_any_duckdb(planted, found, tmp_path):
    crowd(300, 1).to_parquet(tmp_path / "events.parquet")
    log = jm.from_parquet(tmp_path / "events.parquet", person="who", event="what", time="at")
    with duckdb.connect() as con:
        pd.testing.assert_frame_equal(con.execute(log.members(found).sql).df(), planted.members(found).table)


def test_the_figure_has_a_part_per_persona_with_its_size_and_data_as_text(found):
    marked = found.assign(persona=found["persona"].str.replace("more", "<i>"))
    figure = clusters_figure(marked)
    headings = [annotation.text for annotation in figure.layout.annotations if "n = " in annotation.text]
    assert len(headings) == len(figure.data) == 3
    assert all("33.3% (" in heading and heading.startswith("<b>&lt;i&gt; ") for heading in headings)
    assert list(figure.data[0].y) == found["words"].head(5).tolist()


def test_stability_is_1_for_the_right_number_and_lower_beyond():
    source = np.random.default_rng(0)
    points = np.concatenate([source.normal(centre, 0.1, (80, 2)) for centre in ((0, 0), (0, 5), (5, 0), (4, 9))])
    found = stabilities(source.permutation(points), range(2, 8))
    assert chosen(found) == 4
    assert found.loc[4, "stability"] == 1
    assert (found.loc[[5, 6, 7], "stability"] < 0.95).all()


def test_the_matching_shares_the_most_members_in_all_and_lets_a_dissolved_persona_go():
    """Pairs (0, 1) and (1, 0) share 40 + 45; 2 has 30 members and keeps 10 of them."""
    overlaps = np.array([[10, 40, 0], [45, 5, 0], [10, 10, 10]])
    assert matched(overlaps) == {0: 1, 1: 0}


def test_two_personas_never_have_one_name():
    profiles = pd.DataFrame(
        [(number, 0, "name", "", "cart", 1.0) for number in (0, 1, 2)],
        columns=["persona_no", "feature_no", "kind", "source", "target", "difference"],
    )
    assert [*named(profiles, taken=["more cart (2)"]).values()] == ["more cart", "more cart (3)", "more cart (4)"]
    assert named(profiles.assign(difference=0.1))[0] == "like everybody"


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: log_of(crowd(6, 1)).clusters(), "6 units, 6 of them different, are too few"),
        (lambda: log_of(crowd(30, 1)).clusters(1), "number: 2 to 100 personas, not 1"),
        (lambda: log_of(crowd(30, 1)).clusters(of="visit"), "of: no unit 'visit'"),
        (lambda: log_of(crowd(30, 1)).clusters(yesterday=pd.DataFrame({"persona": []})), "yesterday: no column 'kind'"),
    ],
)
def test_a_wrong_argument_is_told(ask, complaint):
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        ask()


def many_alike(n: int, of_another_kind: int) -> pd.DataFrame:
    rows = [(f"p{number}", "buy" if number < of_another_kind else "look") for number in range(n)]
    steps = pd.DataFrame(rows, columns=["person_id", "stage"])
    return steps.assign(journey_id=steps["person_id"], step_number=1, occurred_at=pd.Timestamp("2024-05-01"))


def test_people_who_are_all_alike_are_too_few_for_two_personas():
    with pytest.raises(jm.StepsError, match="10 units, 1 of them different, are too few for personas"):
        jm.clusters(many_alike(10, 0), number=2)


def test_one_who_is_different_does_not_stop_the_search():
    assert len(jm.clusters(many_alike(10, 1))["persona"].unique()) == 2


def test_sessions_and_seconds_are_those_of_steps_also_within_one_visit_of_a_stage():
    """Looking on four days is one visit to a stage, and four sessions; five minutes lie within the last."""
    at = ["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04", "2024-05-04 00:05"]
    steps = pd.DataFrame({"stage": ["look"] * 4 + ["buy"], "occurred_at": pd.to_datetime(at, format="mixed")})
    steps = steps.assign(journey_id="a", person_id="ann", step_number=range(1, 6))
    with opened(steps, "stage") as analysis:
        put_units(analysis, "person", "30m")
        found = analysis.con.table("units").select("n_visits, n_moves, n_sessions, n_seconds").fetchall()
    assert found == [(2, 1, 4, 300)]


def test_one_who_is_far_from_all_others_is_a_persona_and_no_overflow():
    """Everybody does the same; one of them does it 40,000 times, with something else once."""
    rows = [(f"p{person}", "a", datetime(2024, 5, 1)) for person in range(11)]
    rows += [("p11", "b" if step == 7 else "a", datetime(2024, 5, 1)) for step in range(40_000)]
    found = log_of(pd.DataFrame(rows, columns=["who", "what", "at"])).clusters(number=2).table
    assert sorted(overview(found)["n_units"]) == [1, 11]
