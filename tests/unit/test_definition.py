"""journey.yaml: what is wrong with one is said by line, with the name that was probably meant."""

import fnmatch
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.engine import connect, run
from pipelines.definition import Definition, load, source
from pipelines.durations import seconds
from pipelines.errors import DefinitionError
from pipelines.models import kpi_models
from pipelines.tables import definition_tables, like

WHOLE = """\
name: shop
sources:
  web:
    connector: files
    path: web/*.csv
    event_name: what
    fields: {occurred_at: seen}
touchpoints:
  page: {event: page_view}
  purchase:
    event: purchase
    role: purchased
journeys:
  buy:
    gap: 7d
    window: 7d
    success: buy
    stages:
      look: {touchpoints: [page]}
      buy:
        touchpoints: [purchase]
kpis:
  conversion_rate: {target: 0.1, stage: buy}
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write_it(text: str | bytes) -> Path:
        path = tmp_path / "journey.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write_it


def refusal(path: Path, **overrides: str) -> str:
    with pytest.raises(DefinitionError) as caught:
        check(path, {key.replace("__", "."): value for key, value in overrides.items()})
    return str(caught.value)


def check(path: Path, overrides: dict[str, str]) -> None:
    definition = load(path, overrides)
    for name in definition.sources:
        source(definition, name, path.parent)


class TestMistakes:
    @pytest.mark.parametrize(
        ("right", "wrong", "said"),
        [
            (
                "connector: files",
                "connector: file",
                "line 4: sources.web.connector: unknown connector 'file'; did you mean 'files'?",
            ),
            ("path: web", "paht: web", "line 5: sources.web.paht: unknown key 'paht'; did you mean 'path'?"),
            (
                "event_name: what",
                "event_name: what\n    record: snapshot",
                "line 7: sources.web.record: unknown key 'record'; did you mean 'records'?",
            ),
            ("path: web/*.csv\n", "records: append\n", "line 3: sources.web.path: 'path' is missing"),
            ("{occurred_at: seen}", "{occured_at: seen}", "line 7: sources.web.fields.occured_at"),
            (
                "{occurred_at: seen}",
                "{occurred_at: {column: seen, zoen: UTC}}",
                "line 7: sources.web.fields.occurred_at.time.zoen: unknown key 'zoen'; did you mean 'zone'?",
            ),
            ("connector: files", "connector: files\n    records: snapshots", "line 5: sources.web.records: "),
            (
                "connector: files",
                "connector: files\n    user_ids: acme:shop",
                "line 5: sources.web.user_ids: 'acme:shop' holds a colon, which parts a namespace from its values",
            ),
            ("  web:\n", "  web:shop:\n", "line 3: sources.web:shop: 'web:shop' holds a colon"),
            (
                "touchpoints: [page]",
                "touchpoints: [pag]",
                "line 19: journeys.buy.stages.look.touchpoints: unknown touchpoint 'pag'; did you mean 'page'? Known: page, purchase.",
            ),
            ("success: buy", "success: by", "line 17: journeys.buy.success: unknown stage 'by'; did you mean 'buy'?"),
            (
                "stage: buy",
                "stage: bui",
                "line 23: kpis.conversion_rate.stage: unknown stage 'bui'; did you mean 'buy'? Known: buy, look.",
            ),
            (
                "conversion_rate:",
                "conversion_rat:",
                "line 23: kpis.conversion_rat: unknown KPI 'conversion_rat'; did you mean 'conversion_rate'?",
            ),
            (
                "{event: page_view}",
                "{event: page_view, source: wbe}",
                "line 9: touchpoints.page.source: unknown source 'wbe'; did you mean 'web'? Known: web.",
            ),
            (
                "{event: page_view}",
                "{}",
                "line 9: touchpoints.page: matches every event; name a source, an event, a page or a property",
            ),
            ("role: purchased", "role: bought", "line 12: touchpoints.purchase.role: there is cart_added, "),
            (
                "gap: 7d",
                "gap: 7 days",
                "line 15: journeys.buy.gap: '7 days' is no duration; write a whole number and one of s, m, h, d, w, like 30m or 7d",
            ),
            ("    gap: 7d\n", "", "line 14: journeys.buy: the journey of a person needs a `gap`, for example 7d"),
            (
                "name: shop",
                "name: My Shop",
                "line 1: name: 'My Shop' is no name; write lower-case letters, digits and _, such as my_shop; `title` is free",
            ),
            (
                "name: shop",
                'name: shop\npersonas:\n  loyal: {earlier_orders: "1+"}',
                "line 3: personas.loyal.earlier_orders: '1+' compares with no number; write \">= 1\"",
            ),
            (
                "name: shop",
                "name: shop\nidentity: {block: [test]}",
                "line 2: identity.block.0: 'test' is no identifier; write kind:namespace:value",
            ),
            (
                "name: shop",
                "name: shop\nzone: Europe/Belin",
                "line 2: zone: 'Europe/Belin' is no time zone; did you mean 'Europe/Berlin'?",
            ),
            (
                "name: shop",
                "name: shop\nsesions: {gap: 1h}",
                "line 2: sesions: unknown key 'sesions'; did you mean 'sessions'?",
            ),
            (
                "name: shop",
                "name: shop\npersonas:\n  other: {channel: x}",
                "line 3: personas.other: 'other' is kept for those whom no persona matches",
            ),
            (
                "touchpoints: [page]",
                "touchpoints: [page, purchase]",
                "line 14: journeys.buy: stages.buy: touchpoint 'purchase' already belongs to stage 'look'",
            ),
            (
                "name: shop",
                "name: shop\nreport: {period: 36h}",
                "line 2: report.period: write a whole number of days, like 28d",
            ),
        ],
    )
    def test_are_told_by_line_with_the_nearest_name(self, write: Any, right: str, wrong: str, said: str) -> None:
        assert WHOLE.count(right) >= 1
        text = refusal(write(WHOLE.replace(right, wrong, 1)))
        assert text.startswith("journey.yaml is not right:\n")
        assert said in text
        assert len(text.splitlines()) <= 3

    def test_are_told_together(self, write: Any) -> None:
        text = refusal(write(WHOLE.replace("[page]", "[pag]").replace("stage: buy", "stage: bui")))
        assert [line.split(":")[0] for line in text.splitlines()[1:]] == ["  line 19", "  line 23"]

    def test_the_whole_one_has_none(self, write: Any) -> None:
        path = write(WHOLE)
        definition = load(path)
        assert source(definition, "web", path.parent).name == "web"


class TestYaml:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("name: a\nname: b\n", 'journey.yaml line 2: found duplicate key "name".'),
            ("sources: {web: {path: a, path: b}}\n", 'line 1: found duplicate key "path".'),
            ("a: &x 1\nb: *x\n", "line 2: aliases are not allowed; write the value out."),
            ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "aliases are not allowed"),
            ("a: !!python/object:os.system x\n", "line 1: tags are not allowed; write a plain value."),
            ("a: !secret {b: c}\n", "tags are not allowed"),
            ("%YAML 1.1\n---\na: on\n", "leave the %YAML line out; this is YAML 1.2."),
            ("a: 1\n---\nb: 2\n", "found another document"),
            ("a:\n\t- b\n", "line 2: found character '\\t' that cannot start any token."),
            ("a: [1, 2\n", "expected ',' or ']'"),
            ("a: 'x\n", "line 2: found unexpected end of stream"),
            ("[" * 100_000, "more than 20 levels deep; a definition never is."),
            ("a: \x00\n", "is no YAML"),
            ("", "journey.yaml holds no keys; run `journeys init`"),
            ("- a\n", "holds no keys"),
            ("shop\n", "holds no keys"),
            (b"name: caf\xe9\n", "is no file of UTF-8 text that we may read; save it as one."),
            ("a: " + "x" * 200_000, "is longer than 200,000 characters; a definition never is."),
        ],
    )
    def test_what_could_mean_something_else_than_it_shows_is_refused(
        self, write: Any, text: str | bytes, said: str
    ) -> None:
        assert said in refusal(write(text))

    def test_a_definition_that_is_not_there_or_is_a_folder_is_named(self, tmp_path: Path) -> None:
        assert f"There is no journey.yaml in {tmp_path}; run `journeys init` there" in refusal(
            tmp_path / "journey.yaml"
        )
        (tmp_path / "journey.yaml").mkdir()
        assert "is no file of UTF-8 text" in refusal(tmp_path / "journey.yaml")

    @pytest.mark.parametrize("written", ["on", "off", "yes", "no", "y", "1:30", "0o"])
    def test_words_that_were_once_values_are_words(self, write: Any, written: str) -> None:
        assert load(write(WHOLE.replace("name: shop", f"name: shop\ntitle: {written}"))).title == written

    @pytest.mark.parametrize("written", ["012", "7", "true", "1.5", "2024-01-01"])
    def test_a_value_that_is_no_text_is_refused_where_a_text_belongs(self, write: Any, written: str) -> None:
        assert "line 2: title: Input should be a valid string" in refusal(
            write(WHOLE.replace("name: shop", f"name: shop\ntitle: {written}"))
        )

    def test_a_byte_order_mark_and_windows_line_ends_change_nothing(self, write: Any) -> None:
        plain = load(write(WHOLE))
        assert load(write(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())) == plain


class TestOverrides:
    def test_a_key_is_set_for_one_run(self, write: Any) -> None:
        definition = load(
            write(WHOLE), {"kpis.conversion_rate.target": "0.25", "sessions.gap": "1h", "journeys.buy.label": "7"}
        )
        assert (
            definition.kpis["conversion_rate"].target,
            definition.sessions.gap,
            definition.journeys["buy"].label,
        ) == (0.25, 3600, "7")

    @pytest.mark.parametrize(
        ("key", "said"),
        [
            ("sesions.by", "--set sesions.by=²: sesions: unknown key 'sesions'; did you mean 'sessions'?"),
            ("sessions.bye", "sessions.bye: unknown key 'bye'; did you mean 'by'?"),
            ("name.x", "--set name.x: 'name' in journey.yaml is not a group of keys."),
            ("journeys.buy.gap", "--set journeys.buy.gap=²: journeys.buy.gap: '²' is no duration"),
            ("kpis.conversion_rate.target", "kpis.conversion_rate.target: give a number, such as 0.05"),
            ("sources", "--set sources=²: sources: give keys with values below it"),
            ("sessions.by", "sessions.by: there is gap or source"),
        ],
    )
    def test_a_key_that_is_not_there_or_a_value_that_does_not_fit_is_said(
        self, write: Any, key: str, said: str
    ) -> None:
        assert said in refusal(write(WHOLE), **{key.replace(".", "__"): "²"})


def test_stages_say_what_the_designed_path_leaves_out_repeats_and_how_soon_it_comes_there(write: Any) -> None:
    text = WHOLE.replace(
        "look: {touchpoints: [page]}", "look: {touchpoints: [page], optional: true, repeatable: true, within: 2h}"
    )
    stages = definition_tables(load(write(text)), kpi_models(), {})["stages"].to_pylist()
    marks = ("stage", "is_optional", "is_repeatable", "within_seconds")
    assert [tuple(stage[mark] for mark in marks) for stage in stages] == [
        ("look", True, True, 7200),
        ("buy", False, False, None),
    ]
    assert "'soon' is no duration" in refusal(write(text.replace("2h", "soon")))


class TestGlobs:
    @given(st.text(alphabet="ab/%_!*?\\.\n", max_size=8), st.text(alphabet="ab/%_!*?\\.\n", max_size=8))
    def test_as_like_patterns_match_what_globs_match(self, glob: str, text: str) -> None:
        con = connect()
        try:
            [(matches,)] = run(con, "SELECT $text LIKE $pattern ESCAPE '!'", {"text": text, "pattern": like(glob)})
        finally:
            con.close()
        assert matches == fnmatch.fnmatchcase(text, glob)


class TestDurations:
    @given(st.integers(0, 10_000), st.sampled_from("smhdw"))
    def test_are_whole_seconds(self, n: int, unit: str) -> None:
        assert (
            seconds(f"{n}{unit}")
            == seconds(f" {n} {unit} ")
            == n * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
        )

    @pytest.mark.parametrize("written", [30, 1.5, None, "", "30", "m", "-7d", "1.5h", "7D", "1h30m", "seven days"])
    def test_anything_else_is_refused(self, written: object) -> None:
        with pytest.raises(ValueError, match="is no duration; write a whole number"):
            seconds(written)


def test_the_definition_cannot_be_changed(write: Any) -> None:
    definition = load(write(WHOLE))
    with pytest.raises(ValueError, match="frozen"):
        definition.name = "other"


def test_an_instant_in_the_definition_is_read_in_utc_or_with_its_offset() -> None:
    web = {"connector": "files", "path": "x", "complete_until": "2024-05-01T10:00:00+02:00"}
    stages = {"a": {"touchpoints": ["t"]}}
    given_ = {
        "name": "x",
        "sources": {"web": web},
        "touchpoints": {"t": {"event": "e"}},
        "journeys": {"j": {"gap": "1d", "window": "1d", "success": "a", "stages": stages}},
    }
    until = Definition.model_validate(given_).sources["web"].complete_until
    assert until is not None
    assert until.astimezone(UTC) == datetime(2024, 5, 1, 8, tzinfo=UTC)


def test_one_touchpoint_of_a_stage_needs_no_brackets(write: Any) -> None:
    assert load(write(WHOLE.replace("[page]", "page"))).journeys["buy"].stages["look"].touchpoints == ("page",)


@pytest.mark.parametrize(
    ("as_of", "over_on"),
    [
        (datetime(2024, 5, 31, 21, 59), date(2024, 5, 30)),
        (datetime(2024, 5, 31, 22, 0), date(2024, 5, 31)),
        (datetime(2024, 5, 31, 22, 30), date(2024, 5, 31)),
        (datetime(2024, 12, 31, 22, 59), date(2024, 12, 30)),
    ],
)
def test_a_day_is_over_at_the_midnight_of_the_workspace(write: Any, as_of: datetime, over_on: date) -> None:
    """In Berlin 31 May ends at 22:00 UTC, 31 December at 23:00."""
    definition = load(write(WHOLE.replace("name: shop", "name: shop\nzone: Europe/Berlin")))
    made = definition_tables(definition, kpi_models(), {"web": as_of})
    assert made["kpi_targets"].column("over_on").to_pylist() == [over_on]
    assert made["journey_definitions"].column("over_on").to_pylist() == [over_on]
