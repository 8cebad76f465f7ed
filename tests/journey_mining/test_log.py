"""A log: every way to make one gives the same, narrowing keeps what it says, and every result can be run again."""

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

import journey_mining as jm
from journey_mining import FunnelStage
from tests.journey_mining.drawn import assert_shows
from tests.journey_mining.published_workspace import publish

EVENTS = pd.DataFrame(
    [
        ("ann", "home", "2024-05-01 09:00", "a1", "mobile"),
        ("ann", "cart", "2024-05-01 09:30", "a1", "mobile"),
        ("ann", "home", "2024-05-01 10:01", "a2", "desktop"),
        ("bob", "home", "2024-05-01 09:00", "b1", "desktop"),
        ("bob", "buy", "2024-05-01 09:00", "b1", "desktop"),
    ],
    columns=["who", "what", "at", "visit", "device"],
).astype({"at": "datetime64[us]"})
COLUMNS = {"person": "who", "event": "what", "time": "at", "session": "visit", "keep": ["device"]}


def personas() -> pd.DataFrame:
    """The two kinds of six people like Ann and six like Bob."""
    many = pd.concat([EVENTS.assign(who=EVENTS["who"] + str(n)) for n in range(6)], ignore_index=True)
    return jm.from_pandas(many, **COLUMNS | {"session": None}).clusters(number=2).table


ANALYSES = {
    "grains": lambda log: log.grains(),
    "transitions": lambda log: log.transitions(),
    "transitions, pruned": lambda log: log.transitions(min_share=0.2),
    "findings": lambda log: log.findings(),
    "variants": lambda log: log.variants(top=2),
    "sequences": lambda log: log.sequences(),
    "sequences with gaps": lambda log: log.sequences(gaps=True),
    "next_steps": lambda log: log.next_steps(["home"], anywhere=True),
    "sankey": lambda log: log.sankey(),
    "funnel": lambda log: log.funnel(["home", FunnelStage("cart", optional=True), "buy"], "1h", exclude=["away"]),
    "funnel_any_order": lambda log: log.funnel(["home", "buy"], order="any", hold=["device"], on_exclude="drop_person"),
    "funnel_breakdown": lambda log: log.funnel_breakdown(["home", "cart"], column="device", entry="all"),
    "funnel_entries": lambda log: log.funnel_entries(["home", "cart"], entry="first", order="strict"),
    "funnel_trend": lambda log: log.funnel_trend(["home", "cart"], count="people"),
    "time_to_convert": lambda log: log.time_to_convert(["home", "cart"], semantics="umami"),
    "after_dropoff": lambda log: log.after_dropoff(["home", "cart"]),
    "retention": lambda log: log.retention("home", ["cart", "home"], cohorts="recurring", zone="Asia/Kolkata"),
    "retention by 24 hours": lambda log: log.retention(when="on_or_after", clock="24h"),
    "lifecycle": lambda log: log.lifecycle("day"),
    "stickiness": lambda log: log.stickiness("month", zone="America/New_York"),
    "sankey from an anchor": lambda log: log.sankey(start="home", end="cart"),
    "conversion_lift": lambda log: log.conversion_lift("home", "cart", within="30m"),
    "conversion_lift by steps": lambda log: log.conversion_lift("(start)", "cart", within=2),
    "step_matrix": lambda log: log.step_matrix(top=1),
    "step_matrix around an anchor": lambda log: log.step_matrix(anchor=jm.Anchor("home", offset="-30m")),
    "step_matrix of a pattern": lambda log: log.step_matrix(pattern="home->.*->[<=30m]cart"),
    "matching": lambda log: log.matching("home->.*->cart").matching("(start)->home").step_matrix(pattern="home"),
    "changes": lambda log: log.group_rare(n=2).changes(),
    "route_templates": lambda log: log.rename({"^h": "/1/h"}).route_templates(),
    "total_conformance": lambda log: log.total_conformance(["home", "buy"]),
    "journey_conformance": lambda log: log.journey_conformance(["home", "buy"]),
    "insertions": lambda log: log.insertions(["home", "buy"]),
    "members": lambda log: log.members(personas()),
}
"""Every analysis of a log that has a result, with arguments that suit the events above."""
OF_ENDS = {
    "dropoff": lambda log: log.dropoff(),
    "dropoff by touchpoint": lambda log: log.dropoff(by="touchpoint"),
    "conformance": lambda log: log.conformance(["look", "pay"]),
    "conformance by touchpoint": lambda log: log.conformance(["door", "till"], by="touchpoint"),
}
"""Those that ask how journeys ended, or that of a workspace, whose column has the name of its alphabet."""


def same_columns(table, counts):
    """The rows of what both have."""
    shared = [column for column in counts if column in table]
    assert len(shared) > 4
    return [sorted(one[shared].round(9).fillna(-1).astype(str).values.tolist()) for one in (table, counts)]


def out_of(name):
    """How often something left each name, beside a column of the table."""
    return lambda table, counts: (
        table[table["event"].isin(counts["source"])].set_index("event")[name].to_dict(),
        counts.groupby("source")["n_moves"].sum().to_dict(),
    )


def from_the_start(table, counts):
    """How many journeys there are, beside the moves out of the start."""
    return table["n_journeys"][0], counts.loc[counts["source"] == "(start)", "n_moves"].sum()


COMPUTED = {
    "transition_diff": (lambda log: log.transition_diff("device", "mobile"), same_columns),
    "discriminative_sequences": (lambda log: log.discriminative_sequences(goal="buy"), same_columns),
    "conversion_curve": (
        lambda log: log.conversion_curve(["home", "buy"], "1h"),
        lambda table, counts: (table["n_at_risk"][0], counts["n_entries"].sum()),
    ),
    "conversion_drivers": (
        lambda log: log.conversion_drivers(["home", "buy"], ties="logged", at_least=1),
        same_columns,
    ),
    "order_test": (
        lambda log: log.order_test(),
        lambda table, counts: (table["n_moves"].tolist(), [counts["n_moves"].sum()] * 3),
    ),
    "markov": (lambda log: log.markov(success="buy"), out_of("n_visits")),
    "what_if": (lambda log: log.what_if({"home": 0.1}, success="buy"), from_the_start),
    "removal_effects": (
        lambda log: log.removal_effects(of="device", success="buy"),
        lambda table, counts: (
            table.set_index("device")["n_journeys"].to_dict(),
            counts[counts["target"].isin(table["device"])].groupby("target")["n_moves"].sum().to_dict(),
        ),
    ),
    "attribution": (
        lambda log: log.attribution(of="device", success="buy"),
        lambda table, counts: same_columns(
            table[table["rule"].isin(counts["rule"])].rename(columns={"device": "name"}), counts
        ),
    ),
    "compare": (lambda log: log.compare("device", "mobile", metrics=["reach"]), same_columns),
    "before_and_after": (lambda log: log.before_and_after("2024-05-01 12:00", metrics=["reach"]), same_columns),
    "distance": (
        lambda log: log.distance("device", "mobile"),
        lambda table, counts: (
            table.set_index("of")[["n_a", "n_b"]].stack().tolist(),
            counts.groupby(["of", ~counts["is_a"]])["n_moves"].sum().tolist(),
        ),
    ),
    "clusters": (
        lambda log: log.clusters(number=2),
        lambda table, counts: [sorted(one["n_units"]) for one in (table, counts)],
    ),
}
"""Those that are computed further from counts, and which counts the table tells, beside those of the script."""
BOTH_BUY = pd.concat([EVENTS, *(EVENTS.assign(who=f"{n}", at=EVENTS["at"] + pd.Timedelta(n, "h"), device=device)
    for n, device in enumerate(["mobile", "mobile", "desktop", "desktop", "mobile", "desktop"] * 2))])  # fmt: skip


@pytest.fixture(scope="module")
def log():
    return jm.from_pandas(EVENTS, **COLUMNS)


DOTTED = {"who": "user.id", "what": "event.name", "at": "event.at", "visit": "session.id", "device": "device.kind"}
BY_COLUMN = {
    "segment": lambda log, device: log.segment(device, "mobile").transitions(),
    "compare": lambda log, device: log.compare(device, "mobile", metrics=["reach"]),
    "funnel_breakdown": lambda log, device: log.funnel_breakdown(["home", "cart"], column=device, entry="all"),
    "hold": lambda log, device: log.funnel(["home", "cart"], hold=[device]),
    "attribution": lambda log, device: log.attribution("last", of=device, success="buy"),
}


@pytest.mark.parametrize("analysis", BY_COLUMN)
def test_a_dot_in_the_name_of_a_column_is_a_part_of_it(analysis, log):
    columns = {part: DOTTED[name] for part, name in COLUMNS.items() if part != "keep"}
    dotted = jm.from_pandas(EVENTS.rename(columns=DOTTED), **columns, keep=["device.kind"])
    found, known = (BY_COLUMN[analysis](one, name).table for one, name in ((dotted, "device.kind"), (log, "device")))
    pd.testing.assert_frame_equal(found.rename(columns={"device.kind": "device"}), known)


@pytest.mark.parametrize("form", ["arrow", "stream", "duckdb", "parquet"])
def test_every_way_to_make_a_log_gives_the_same(form, log, tmp_path):
    EVENTS.to_parquet(tmp_path / "events.parquet")
    made = {
        "arrow": lambda: jm.from_arrow(pa.Table.from_pandas(EVENTS), **COLUMNS),
        "stream": lambda: jm.from_arrow(pa.Table.from_pandas(EVENTS).to_reader(), **COLUMNS),
        "duckdb": lambda: jm.from_duckdb(duckdb.connect().from_df(EVENTS), **COLUMNS),
        "parquet": lambda: jm.from_parquet(tmp_path / "events.parquet", **COLUMNS),
    }
    pd.testing.assert_frame_equal(made[form]().transitions().table, log.transitions().table)


def test_a_person_is_one_journey_and_equal_instants_keep_the_order_of_the_rows(log):
    assert_shows(
        log.transitions().table,
        """
        from    | to    | n_transitions | n_people | median_seconds
        --------+-------+---------------+----------+---------------
        (start) | home  | 2             | 2        |
        buy     | (end) | 1             | 1        |
        cart    | home  | 1             | 1        | 1860
        home    | (end) | 1             | 1        |
        home    | buy   | 1             | 1        | 0
        home    | cart  | 1             | 1        | 1800
        """,
    )


def test_a_silence_of_exactly_the_gap_does_not_end_a_session():
    log = jm.from_pandas(EVENTS, **COLUMNS, as_of="2024-05-01 12:00")
    by_gap, by_source = log.sessions("30m"), log.sessions()
    pd.testing.assert_frame_equal(by_gap.transitions().table, by_source.transitions().table)
    assert_shows(
        by_gap.transitions().table.head(2),
        """
        from    | to   | n_transitions | n_journeys | n_people
        --------+------+---------------+------------+---------
        (start) | home | 3             | 3          | 2
        buy     | (end)| 1             | 1          | 1
        """,
    )


def test_a_segment_is_what_was_known_at_the_start(log):
    """Ann began on her phone: the step on her desktop stays with her."""
    assert log.segment("device", "mobile").transitions().table["n_transitions"].sum() == 4
    assert log.segment("device", "mobile", "desktop").transitions().table["n_transitions"].sum() == 7


def test_filtered_steps_are_numbered_anew_and_the_log_stays_as_it_was(log):
    assert log.filter("event <> 'home'").transitions().table["from"].tolist() == ["(start)", "(start)", "buy", "cart"]
    assert log.transitions().table["n_transitions"].sum() == 7


def test_narrowing_can_be_repeated(log):
    narrow = log.filter("event <> 'buy'").segment("device", "mobile").sessions("30m").filter("event = 'home'")
    moves = narrow.transitions().table
    assert (moves["n_transitions"] + moves["n_open"]).tolist() == [2, 1, 1]  # one session ended, one is open


@pytest.mark.parametrize("name", ANALYSES)
@pytest.mark.parametrize("way", ["whole", "narrowed"])
def test_the_sql_of_a_result_gives_its_table_in_any_duckdb(name, way, tmp_path):
    path = tmp_path / "it's.parquet"
    EVENTS.to_parquet(path)
    log = jm.from_parquet(path, **COLUMNS)
    log = log.filter("event <> 'x;''$gap'").segment("device", "mobile").sessions("30m") if way == "narrowed" else log
    result = ANALYSES[name](log)
    with duckdb.connect() as con:
        pd.testing.assert_frame_equal(con.execute(result.sql).df(), result.table)


@pytest.mark.parametrize("name", OF_ENDS)
@pytest.mark.parametrize("way", ["whole", "narrowed"])
def test_the_sql_of_a_result_about_ends_gives_its_table_in_any_duckdb(name, way, tmp_path):
    log = jm.open(publish(tmp_path))
    result = OF_ENDS[name](log.filter("touchpoint <> 'shelf'") if way == "narrowed" else log)
    assert ("touchpoint" if "touchpoint" in name else "stage") in result.table
    with duckdb.connect() as con:
        pd.testing.assert_frame_equal(con.execute(result.sql).df(), result.table)


@pytest.mark.parametrize("name", COMPUTED)
@pytest.mark.parametrize("way", ["whole", "narrowed"])
def test_the_sql_of_what_is_computed_gives_its_counts_in_any_duckdb(name, way, tmp_path):
    path = tmp_path / "events.parquet"
    BOTH_BUY.to_parquet(path)
    log = jm.from_parquet(path, **COLUMNS | {"session": None})
    ask, told = COMPUTED[name]
    result = ask(log.filter("event <> 'cart' OR device = 'mobile'") if way == "narrowed" else log)
    with duckdb.connect() as con:
        counts = con.execute(result.sql).df()
    assert len(counts)
    ours, theirs = told(result.table, counts)
    assert ours == theirs


def test_too_little_memory_is_a_limit_that_is_told():
    with pytest.raises(jm.LimitError, match="more memory at once than"):
        jm.from_pandas(EVENTS, **COLUMNS, memory_limit="1MB")


def test_a_table_is_one_of_pandas_or_of_arrow(log):
    result = log.transitions()
    assert isinstance(result, jm.Result)
    assert result.to_pandas() is result.table
    arrow = result.to_arrow()
    assert arrow.column_names == [*result.table]
    assert arrow.column("n_transitions").to_pylist() == result.table["n_transitions"].tolist()


def test_a_name_that_is_refused_is_refused_again():
    named = EVENTS.assign(what=EVENTS["what"].replace({"cart": "(end)"}))
    log = jm.from_pandas(named, **COLUMNS)
    for ask in (lambda: log.funnel(["home", "buy"]), lambda: log.transitions(), lambda: log.funnel(["home", "buy"])):
        with pytest.raises(jm.StepsError, match=r"'\(end\)' is a name of our own"):
            ask()


def test_a_page_and_a_notebook_show_names_whole(tmp_path):
    names = [f"https://shop.example/catalogue/garden/furniture/for/all/seasons/{what}" for what in ("chairs", "tables")]
    log = jm.from_pandas(EVENTS.assign(what=names[0]), **COLUMNS)
    result = log.transitions()
    assert names[0] in result._repr_mimebundle_()["text/html"]
    assert names[0] in result.to_html(tmp_path / "page.html").read_text().split("The table")[1]


def test_every_result_is_held_to_its_sql():
    asked = {name.split(" ")[0].strip(",") for name in (*ANALYSES, *OF_ENDS)}
    methods = {name: method for name, method in vars(jm.Log).items() if hasattr(method, "__wrapped__")}
    assert {name for name, method in methods.items() if not method.is_computed} <= asked
    assert {name for name, method in methods.items() if method.is_computed} == {*COMPUTED}


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda log: log.segment("devise", "mobile"), "no column 'devise'; did you mean 'device'"),
        (lambda log: log.filter("events = 'home'"), 'filter: .*"events" not found'),
        (lambda log: log.sessions("30"), "gap: '30' is no length of time"),
        (lambda log: log.transitions(by="stage"), "no column 'stage'"),
        (lambda log: log.dropoff(), "needs the column 'outcome': open a published workspace, or pass a table of steps"),
        (lambda log: log.compare("device", "mobile"), "how journeys ended; .*: give metrics=\\['reach'\\], or open"),
        (lambda log: log.before_and_after("2024-05-01"), "give metrics=\\['reach'\\], or open"),
        (lambda log: log.markov(), "give success='...', the name that ends a journey well, or open"),
        (lambda log: log.discriminative_sequences(), "give goal='...', the name that is the goal, or open"),
        (
            lambda log: log.compare("devise", "mobile"),
            "no column 'devise'; did you mean 'device'.* session_id. Name it in `keep`",
        ),
        (lambda log: jm.from_pandas(EVENTS, **COLUMNS | {"time": "when"}), "no column 'when'"),
        (lambda log: jm.from_pandas(EVENTS.assign(who=None), **COLUMNS), "5 rows lack who, what or at"),
        (lambda log: jm.open("nowhere.duckdb"), "nowhere.duckdb: cannot be read as a published workspace"),
        (lambda log: jm.from_pandas(EVENTS, **COLUMNS | {"session": None}).sessions(), "give a gap"),
    ],
)
def test_an_error_says_what_and_where(ask, complaint, log):
    with pytest.raises(jm.JourneyMiningError, match=complaint):
        ask(log)


@pytest.mark.parametrize("make", ["from_pandas", "from_arrow", "from_parquet", "from_duckdb"])
def test_a_wrong_or_missing_argument_is_told_by_the_name_of_the_function(make):
    with pytest.raises(TypeError, match=f"^{make}: no argument 'kep'; did you mean 'keep'"):
        getattr(jm, make)(EVENTS, person="who", event="what", time="at", kep=["device"])
    with pytest.raises(TypeError, match=f"^{make}: the argument 'time' is missing; give the name of a column"):
        getattr(jm, make)(EVENTS, person="who", event="what")


@pytest.mark.parametrize(
    ("ask", "title", "of_what"),
    [
        (lambda log: log.funnel_breakdown(["home", "cart"], column="device"), "Funnel breakdown", "that gives it"),
        (lambda log: log.markov(success="cart"), "Markov", "of its counts"),
        (lambda log: log.compare("device", "mobile", metrics=["reach"]), "Compare", "of its counts"),
    ],
)
def test_a_page_says_what_it_is_about_and_what_its_sql_gives(ask, title, of_what, log, tmp_path):
    page = ask(log).to_html(tmp_path / "page.html").read_text()
    assert f"<title>{title}</title>" in page
    assert f"<h1>{title}</h1>" in page
    assert page.count('<div class="wide">') == 2  # a wide figure scrolls in its frame, as the table does
    assert f"<summary>The SQL {of_what}</summary>" in page


def test_a_result_becomes_a_page_that_shows_its_table_and_its_sql_and_runs_nothing_of_the_data(log, tmp_path):
    hostile = jm.from_pandas(EVENTS.replace({"what": {"cart": "<script>alert(1)</script>"}}), **COLUMNS)
    page = hostile.transitions().to_html(tmp_path / "page.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "CREATE VIEW visits" in page


def test_a_log_that_nobody_holds_gives_its_memory_back_and_leaves_those_made_from_it_alone(log):
    def schemas():
        return {name for (name,) in log.con.execute("SELECT schema_name FROM duckdb_schemas()").fetchall()}

    before = schemas()
    carts = log.rename({"^cart$": "basket"}).filter("event = 'basket'")
    table = carts.transitions().table
    assert set(log.filter("event = 'cart'").transitions().table["to"]) == {"cart", "(end)"}
    assert carts.transitions().table.equals(table)
    assert schemas() > before
    del carts
    assert schemas() == before
