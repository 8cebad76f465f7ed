"""What the definition comes to say does not bring erased people back, and nobody else goes with them."""

from pathlib import Path

import duckdb
import pytest

from connectors import manifest
from connectors.engine import run as query
from pipelines.erase import erase
from pipelines.errors import JourneysError, Violated, exit_code
from pipelines.inspection import status
from pipelines.people import NobodyCalled, find
from pipelines.run import land_only, publish_only, run
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.functional.small_shop import (
    ANNS,
    DEFINITION,
    HEADER,
    ORDERS,
    OTHERS,
    ask,
    quiet,
    shop,
)

START, END = DEFINITION.index("  orders:\n"), DEFINITION.index("touchpoints:")
WITHOUT_ORDERS = (DEFINITION[:START] + DEFINITION[END:]).replace(
    "  placed:   {source: orders, event: order_placed}\n", ""
)
LATE = "2024-06-21T09:00:00Z,{user},{device},page_view,/late,,,\n"


def landed(workspace: Workspace, name: str) -> list[tuple[str | None, str | None]]:
    """Read the users and devices of what landed of one input."""
    files = [
        str(workspace.landing / entry.events.path)
        for entry in manifest.read(workspace.landing)
        if entry.events and entry.input == name
    ]
    return duckdb.read_parquet(files).project("user_id, device_id").order("ALL").fetchall() if files else []


def all_landed(workspace: Workspace) -> str:
    """Write out every row of every landed file."""
    files = [workspace.landing / file.path for entry in manifest.read(workspace.landing) for file in entry.files]
    return "".join(str(duckdb.read_parquet(str(path)).fetchall()) for path in files)


def _landed_though_erased(workspace: Workspace) -> None:
    """Let a delivery land that nobody looks through, verify, and take it back."""
    entries, erased = manifest.read(workspace.landing), workspace.landing / "erased.json"
    erased.rename(workspace.root / "erased.json")
    land_only(workspace, quiet)
    (workspace.root / "erased.json").rename(erased)
    try:
        verify(workspace, quiet)
    finally:
        manifest.commit(workspace.landing, entries)
        manifest.sweep(workspace.landing)


@pytest.mark.parametrize("is_of_before_namespaces_were_kept", [False, True])
def test_what_landed_of_a_source_that_is_gone_is_erased_too(
    tmp_path: Path, is_of_before_namespaces_were_kept: bool
) -> None:
    workspace = shop(tmp_path / "shop")
    land_only(workspace, quiet)
    if is_of_before_namespaces_were_kept:
        entries = manifest.read(workspace.landing)
        manifest.commit(workspace.landing, [entry.model_copy(update={"namespaces": {}}) for entry in entries])
    workspace.definition.write_text(WITHOUT_ORDERS)
    publish_only(workspace, quiet)
    assert status(workspace)["landed_and_not_in_journey.yaml"] == ["orders: 1 delivery, 3 accepted"]
    [receipt] = erase(workspace, "ann-77", quiet)
    assert "ann" not in all_landed(workspace)
    assert "ord-bob-1" in all_landed(workspace)
    assert any("the source orders, which journey.yaml had once" in place for place in receipt["outside_our_reach"])
    workspace.definition.write_text(DEFINITION)
    (workspace.root / "orders" / "two.csv").write_text(
        ORDERS + "ord-ann-9,ann-77,2024-06-21T09:10:00Z,2024-06-22T09:10:00Z\n"
    )
    land_only(workspace, quiet)
    assert landed(workspace, "two.csv") == []


def test_neither_another_namespace_nor_another_name_of_a_source_brings_an_erased_person_back(tmp_path: Path) -> None:
    anns = ANNS + "2024-05-06T09:00:00Z,guest,dev-ann,page_view,/canary-guest,,,\n"
    workspace = shop(tmp_path / "shop", anns + OTHERS)
    run(workspace, quiet)
    erase(workspace, "ann-77", quiet)
    late = "".join(
        LATE.format(user=user, device=device)
        # A login that names nobody, such as guest, takes no device from whose it is.
        for user, device in (("ann-77", "dev-new"), ("", "dev-ann"), ("guest", "dev-ann"), ("bob-88", "dev-bob"))
    )
    (workspace.root / "web" / "two.csv").write_text(HEADER + late)
    with pytest.raises(Violated, match=r"erasures: .*two.csv .*: 3 records are of people who were erased"):
        _landed_though_erased(workspace)
    workspace.definition.write_text(DEFINITION.replace("user_ids: shop", "user_ids: store"))
    land_only(workspace, quiet)
    assert landed(workspace, "two.csv") == [("bob-88", "dev-bob")]
    (workspace.root / "web" / "three.csv").write_text(HEADER + late.replace("09:00", "10:00"))
    workspace.definition.write_text(
        DEFINITION.replace("  web:\n", "  site:\n").replace("user_ids: shop", "user_ids: store")
    )
    land_only(workspace, quiet)
    assert landed(workspace, "three.csv") == [("bob-88", "dev-bob")]
    # The first file came once more too, under the source's new name.
    assert "ann-77" not in all_landed(workspace)
    assert "dev-ann" not in all_landed(workspace)


def test_a_new_source_shares_no_names_with_an_erased_person_of_another(copied_shop: Workspace) -> None:
    workspace = copied_shop
    erase(workspace, "ann-77", quiet)
    own = DEFINITION[DEFINITION.index("  web:\n") : START].replace("  web:\n", "  kiosk:\n").replace("web/", "kiosk/")
    own = own.replace("    user_ids: shop\n    order_ids: shop\n", "")
    workspace.definition.write_text(DEFINITION.replace("touchpoints:\n", own + "touchpoints:\n", 1))
    (workspace.root / "kiosk").mkdir()
    (workspace.root / "kiosk" / "two.csv").write_text(HEADER + LATE.format(user="ann-77", device="dev-ann"))
    land_only(workspace, quiet)
    assert landed(workspace, "two.csv") == [("ann-77", "dev-ann")]


def test_a_device_of_an_erased_person_takes_nobody_with_it_who_logs_in_there(copied_shop: Workspace) -> None:
    workspace = copied_shop
    (workspace.root / "web" / "two.csv").write_text(HEADER + LATE.format(user="bob-88", device="dev-ann"))
    land_only(workspace, quiet)
    # Whose the device is cannot be told before what has landed is built.
    with pytest.raises(JourneysError, match="run `journeys publish`, then erase") as refused:
        erase(workspace, "ann-77", quiet)
    assert exit_code(refused.value) == 16
    assert not (workspace.landing / "erased.json").exists()
    (workspace.root / "web" / "two.csv").unlink()
    manifest.commit(workspace.landing, [one for one in manifest.read(workspace.landing) if one.input != "two.csv"])
    erase(workspace, "ann-77", quiet)
    (workspace.root / "web" / "two.csv").write_text(
        HEADER + LATE.format(user="bob-88", device="dev-ann") + LATE.format(user="", device="dev-ann")
    )
    land_only(workspace, quiet)
    assert landed(workspace, "two.csv") == [("bob-88", "dev-ann")]


def test_somebody_of_another_namespace_is_erased_though_one_of_the_same_number_was(tmp_path: Path) -> None:
    workspace = shop(tmp_path / "shop")
    workspace.definition.write_text(DEFINITION.replace("user_ids: shop\n    order_ids: shop\n    fields", "fields"))
    (workspace.root / "orders" / "one.csv").write_text(ORDERS + "7,ann-77,2024-05-02T09:10:00Z,2024-05-02T09:10:00Z\n")
    run(workspace, quiet)
    assert len(erase(workspace, "user:shop:ann-77", quiet)) == 1
    assert ask(workspace, "SELECT user_id FROM events WHERE source = 'orders'") == [("ann-77",)]
    assert len(erase(workspace, "ann-77", quiet)) == 1
    assert "ann-77" not in all_landed(workspace)


def test_an_order_that_was_somebody_elses_before_is_not_theirs_again(tmp_path: Path) -> None:
    workspace = shop(tmp_path / "shop")
    (workspace.root / "orders" / "two.csv").write_text(
        ORDERS + "ord-x,cem-99,2024-05-02T10:00:00Z,2024-05-02T10:00:00Z\n"
        "ord-x,ann-77,2024-05-02T10:00:00Z,2024-05-03T10:00:00Z\n"
        "ord-y,ann-77,2024-05-02T10:00:00Z,2024-05-02T10:00:00Z\n"
        "ord-y,cem-99,2024-05-02T10:00:00Z,2024-05-03T10:00:00Z\n"
    )
    run(workspace, quiet)
    erase(workspace, "ann-77", quiet)
    orders = "SELECT user_id, order_id FROM events WHERE order_id LIKE 'ord-_'"
    assert ask(workspace, orders) == [("cem-99", "ord-y")]


def test_a_value_is_compared_whole() -> None:
    con = duckdb.connect()
    query(con, "CREATE TABLE identifiers (identifier VARCHAR, kind VARCHAR, person_id VARCHAR)")
    query(con, "INSERT INTO identifiers VALUES ('user:shop:acme:42', 'user', 'a'), ('email:0f', 'email', 'b')")
    with pytest.raises(NobodyCalled):
        find(con, "42", {})
    assert find(con, "acme:42", {}).person_id == "a"
    assert find(con, "0f", {}).person_id == "b"
    con.close()
