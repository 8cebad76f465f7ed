"""A CSV that is not as the definition expects: what is told, that nothing personal is, and that doing what is told helps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.build import inputs
from pipelines.definition import load
from pipelines.errors import DefinitionError, JourneysError
from pipelines.inspection import check, status
from pipelines.run import land_only, replay_only, run
from pipelines.workspace import Workspace
from tests.functional.small_shop import quiet

GERMAN = """Zeitpunkt,Kunde,Schritt,Seite
03.05.2024 14:22:10,ann@example.org,page_view,/
13.05.2024 09:00:00,bob,purchase,/done
"""
MAPPING = "event_name: Schritt\n    fields: {occurred_at: Zeitpunkt, user_id: Kunde, page: Seite}"
STARTER = "event_name: event\n    fields: {occurred_at: time, user_id: user, page: page}"
FORMAT = '{column: Zeitpunkt, format: "%d.%m.%Y %H:%M:%S", zone: Europe/Berlin}'


def define(workspace: Workspace, mapping: str) -> None:
    """Put a mapping into what `journeys init` wrote."""
    text = workspace.definition.read_text()
    assert STARTER in text
    workspace.definition.write_text(text.replace(STARTER, mapping))


def said_by(command: Callable[..., Any], workspace: Workspace) -> str:
    said: list[str] = []
    command(workspace, said.append)
    return "\n".join(said)


@pytest.fixture
def german_csv(own_csv: Workspace) -> Workspace:
    (own_csv.root / "events.csv").write_text(GERMAN)
    define(own_csv, MAPPING)
    return own_csv


class TestQuarantine:
    """What cannot be read is told with its column, an example, and what to write."""

    def said(self, text: str) -> bool:
        words = (
            "web: 2 records are in quarantine (bad_time)",
            "'Zeitpunkt' holds for example \"03.05.2024 14:22:10\", which `format: iso` does not read",
            'sources.web.fields.occurred_at: {column: Zeitpunkt, format: "%d.%m.%Y %H:%M:%S"',
            "`journeys replay web --workspace ",
            "landing/web/000001.quarantine.parquet",
        )
        assert [word for word in words if word not in text] == []
        return "ann@example.org" not in text

    def test_is_told_by_land_again_and_again_and_by_replay_and_status(self, german_csv: Workspace) -> None:
        assert self.said(said_by(land_only, german_csv))
        assert self.said(said_by(land_only, german_csv))
        assert self.said(said_by(replay_only, german_csv))
        assert self.said("\n".join(status(german_csv)["quarantined"]))

    def test_is_told_by_the_run_that_fails_for_it(self, german_csv: Workspace) -> None:
        with pytest.raises(JourneysError) as caught:
            run(german_csv, quiet)
        assert self.said(str(caught.value))
        assert "events.csv: 2 quarantined (bad_time)" in str(caught.value)

    def test_is_told_by_a_run_that_finds_other_events(self, german_csv: Workspace) -> None:
        with (german_csv.root / "events.csv").open("a") as stream:
            stream.write("2024-05-14T09:00:00Z,bob,page_view,/\n")
        assert self.said(said_by(run, german_csv))
        assert "quarantine" not in said_by(run, german_csv)  # told when they came, and by `journeys status`

    def test_lands_by_the_commands_that_were_told(self, german_csv: Workspace) -> None:
        land_only(german_csv, quiet)
        text = german_csv.definition.read_text()
        german_csv.definition.write_text(text.replace("occurred_at: Zeitpunkt", f"occurred_at: {FORMAT}"))
        with pytest.raises(JourneysError, match=r"As journey\.yaml is now they can be read: `journeys replay web"):
            inputs(german_csv, load(german_csv.definition))
        assert replay_only(german_csv, quiet).n_accepted == 2
        assert run(german_csv, quiet).is_new
        assert not {"quarantined", "out_of_date"} & {*status(german_csv)}

    @pytest.mark.parametrize(
        ("value", "told", "written"),
        [
            ("2024/05/03 14:22", '"2024/05/03 14:22"', 'format: "%Y/%m/%d %H:%M"'),
            ("5/13/2024 2:22 PM", '"5/13/2024 2:22 PM"', 'format: "%m/%d/%Y %I:%M %p"'),
            ("03/05/2024", '"03/05/2024"', 'format: "%d/%m/%Y", zone: Europe/Berlin} or format: "%m/%d/%Y"'),
            ("1714746130", '"9999999999"', 'format: "unix"}'),
            ("20240503", '"99999999"', 'format: "%Y%m%d"'),
            ("Ann Lee", '"aaa aaa"', "with the format that the times have"),
            ("+49 170 5551234", '"+99 999 9999999"', "with the format that the times have"),
            ("ann@example.org", '"aaa@aaaaaaa.aaa"', "with the format that the times have"),
        ],
    )
    def test_tells_times_as_they_are_and_of_all_else_the_shape(
        self, german_csv: Workspace, value: str, told: str, written: str
    ) -> None:
        (german_csv.root / "events.csv").write_text(f"Zeitpunkt,Kunde,Schritt,Seite\n{value},ann,page_view,/\n")
        said = said_by(land_only, german_csv)
        assert f"holds for example {told}" in said
        assert written in said

    def test_takes_no_number_for_a_time_because_a_few_of_many_pass_for_one(self, german_csv: Workspace) -> None:
        numbers = ["05-13-2024", "77-12-3401", "61-88-0007"]
        rows = "".join(f"{number},ann,page_view,/\n" for number in numbers)
        (german_csv.root / "events.csv").write_text("Zeitpunkt,Kunde,Schritt,Seite\n" + rows)
        assert 'holds for example "99-99-9999"' in said_by(land_only, german_csv)

    def test_another_column_is_told_by_its_field(self, german_csv: Workspace) -> None:
        (german_csv.root / "events.csv").write_text(
            'Zeitpunkt,Kunde,Schritt,Seite,Betrag\n2024-05-03,ann,purchase,/,"12,50"\n'
        )
        text = german_csv.definition.read_text()
        german_csv.definition.write_text(text.replace("page: Seite", "amount: Betrag"))
        said = said_by(land_only, german_csv)
        assert "web: 1 record is in quarantine (bad_amount)" in said
        assert "'Betrag' holds for example \"99,99\", which is no amount" in said

    def test_a_broken_line_is_told_by_its_reason(self, own_csv: Workspace) -> None:
        with (own_csv.root / "events.csv").open("a") as stream:
            stream.write("2024-05-14T09:00:00Z,bob,page_view,/,more\n")
        assert "(wrong_number_of_columns).\n  They have more or fewer values" in said_by(land_only, own_csv)


class TestCheck:
    """`journeys check` looks into the first file of each source, if one is there."""

    def refusal(self, workspace: Workspace) -> str:
        with pytest.raises(DefinitionError) as caught:
            check(workspace)
        return str(caught.value)

    def test_names_each_column_that_the_file_has_not_with_its_line(self, own_csv: Workspace) -> None:
        define(own_csv, "event_name: evnt\n    fields: {occurred_at: time, user_id: usr}\n    properties: {on: pagge}")
        said = self.refusal(own_csv)
        lines = own_csv.definition.read_text().splitlines()
        for key, column, meant in (("event_name", "evnt", "event"), ("fields", "usr", "user"), ("on", "pagge", "page")):
            number = next(n for n, line in enumerate(lines, 1) if column in line)
            assert f"line {number}: sources.web." in said
            assert key in said
            assert f"'{column}', which the file does not have; did you mean '{meant}'?" in said

    def test_reads_columns_of_parquet_too(self, own_csv: Workspace) -> None:
        import pyarrow.csv as pa_csv
        import pyarrow.parquet as pq

        pq.write_table(pa_csv.read_csv(own_csv.root / "events.csv"), own_csv.root / "events.parquet")
        define(own_csv, STARTER.replace("user_id: user", "user_id: usr"))
        own_csv.definition.write_text(own_csv.definition.read_text().replace("events.csv", "events.parquet"))
        assert "'usr', which the file does not have; did you mean 'user'?" in self.refusal(own_csv)

    def test_remarks_on_a_key_that_no_json_record_has(self, own_csv: Workspace) -> None:
        records = [{"at": "2024-05-01", "who": {"id.no": n}, "what": "page_view"} for n in range(3)]
        (own_csv.root / "events.jsonl").write_text("\n".join(map(json.dumps, records)))
        define(own_csv, "event_name: what\n    fields: {occurred_at: at, user_id: who.id, page: url}")
        own_csv.definition.write_text(own_csv.definition.read_text().replace("events.csv", "events.jsonl"))
        remarks = check(own_csv)["remarks"]
        assert len(remarks) == 2
        assert remarks[0].startswith(
            "sources.web.fields.user_id: events.jsonl: none of the first 3 records has 'who.id'"
        )
        assert remarks[0].endswith("did you mean 'who.id.no'?")
        assert "has 'url'." in remarks[1]

    def test_remarks_on_a_pattern_that_no_file_matches(self, own_csv: Workspace) -> None:
        (own_csv.root / "events.csv").unlink()
        [remark] = check(own_csv)["remarks"]
        assert remark.startswith("sources.web: No file matches 'events.csv'")

    def test_tells_a_delimiter_once(self, own_csv: Workspace) -> None:
        path = own_csv.root / "events.csv"
        path.write_text(path.read_text().replace(",", ";"))
        said = self.refusal(own_csv)
        assert said.count('write `delimiter: ";"`') == 1
        assert "sources.web.path" in said

    def test_remarks_on_times_before_they_land(self, german_csv: Workspace) -> None:
        [remark] = check(german_csv)["remarks"]
        assert 'Write sources.web.fields.occurred_at: {column: Zeitpunkt, format: "%d.%m.%Y %H:%M:%S"' in remark
        assert not german_csv.landing.exists()

    def test_tells_that_a_select_does_not_fit(self, own_csv: Workspace) -> None:
        (own_csv.root / "clicks.sql").write_text("SELECT line_no, evnt AS event_name, time AS occurred_at FROM records")
        define(own_csv, "select: clicks.sql")
        with pytest.raises(Exception, match=r"sources\.web: events\.csv: `select` does not fit the file"):
            check(own_csv)

    def test_has_nothing_to_remark_on_what_is_right(self, own_csv: Workspace) -> None:
        assert check(own_csv)["remarks"] == []

    def test_reads_only_the_beginning_of_a_file(self, own_csv: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.readers.BATCH", 2)
        path = own_csv.root / "events.csv"
        path.write_text(path.read_text() + "03.05.2024,ann,page_view,/\n")
        assert check(own_csv)["remarks"] == []


def test_the_path_of_a_workspace_is_in_the_command_unless_it_is_here(
    german_csv: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(german_csv.root)
    assert "`journeys replay web`, then `journeys run`" in said_by(land_only, Workspace(Path()))
