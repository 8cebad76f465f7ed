"""Identifiers that name nobody, links that the definition undoes, and caps on what is linked."""

from datetime import timedelta

import pytest

from tests.drawn_text import instant
from tests.reference.identity import Rules, is_blocked

NOBODYS = [
    *("null", "NULL", '"null"', "None", "(not set)", "undefined", "[object Object]", "N/A", " anonymous ", "{}", "0", "000"),
    *("00000000-0000-0000-0000-000000000000", "FFFFFFFF-ffff-ffff-ffff-ffffffffffff"),
    *("-", "--", "?", r"\N", "#N/A", "n.a.", "NaT", "unset", "-1", "f"),
    *("00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF", "0.0.0.0"),
    *("null\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}null", "nu\N{ZERO WIDTH SPACE}ll", "\N{ZERO WIDTH NO-BREAK SPACE}null", "null\r\n"),
    *("“null”", "‘null’", "„null“", "«none»", "（not set）", "ＮＵＬＬ", "＂ｎｕｌｌ＂", "Ｎ／Ａ", "０００", "—"),
]  # fmt: skip
"""What databases, spreadsheets, pandas, browsers, network cards, web logs and people write where there is nobody."""
SOMEBODYS = ["10", "ff", "nully", "1-0", "-7", "n", "nn", "none-1", "fff-fff", "ff:01", "0x", "ｎｕｌｌｙ", "nü", "空"]


@pytest.mark.parametrize("spelling", NOBODYS)
def test_what_programs_write_for_nobody_is_absent_in_every_spelling(model_of, spelling):
    """Two visitors whose user is `null` are not one person, and one who has nothing else is nobody."""
    landed = [
        {"user_id": spelling, "device_id": "phone", "email_key": None, "occurred_at": instant("09:00")},
        {"user_id": spelling, "device_id": spelling, "email_key": "ann@", "occurred_at": instant("09:01")},
        {"user_id": spelling, "device_id": spelling, "email_key": None, "occurred_at": instant("09:02")},
    ]
    model_of(
        "events",
        {"landed_events": landed},
        "occurred_at | person_id\n09:00 | device:web:phone\n09:01 | email:ann@\n09:02 |",
    )


@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_real_name_that_looks_like_nobodys_is_somebody(model_of, name):
    landed = [{"user_id": name, "device_id": "phone", "occurred_at": instant("09:00")}]
    model_of("events", {"landed_events": landed}, f"occurred_at | person_id\n09:00 | user:web:{name}")


@pytest.mark.parametrize("value", NOBODYS + SOMEBODYS)
def test_the_reference_takes_the_same_for_nobody(value):
    rules = Rules(timedelta(minutes=30), timedelta(days=1), {})
    assert is_blocked(f"user:web:{value}", rules) == (value in NOBODYS)


def test_only_identifiers_are_blocked(model_of):
    """In a web log a dash stands for each field that is not known; as a page or a country it stays what it is."""
    landed = [
        {"user_id": "-", "device_id": "phone", "page_path": "-", "country": "NA", "occurred_at": instant("09:00")}
    ]
    model_of(
        "events",
        {"landed_events": landed},
        "occurred_at | person_id | page_path | country\n09:00 | device:web:phone | - | NA",
    )


def test_an_address_that_many_share_is_nobodys(model_of):
    """Landing marks info@ and the like: its key begins with shared-."""
    tables = {
        "landed_events": "user_id | email_key | occurred_at\nann | shared-1 | 09:00\nbob | shared-1 | 09:01\n | shared-1 | 09:02"
    }
    model_of("events", tables, "occurred_at | person_id\n09:00 | user:web:ann\n09:01 | user:web:bob\n09:02 |")
    model_of(
        "suspended_links",
        tables,
        "left_identifier | right_identifier | reason | n_events\nemail:shared-1 | | blocked |",
    )


def test_the_definition_blocks_one_identifier_of_one_namespace(model_of):
    """The till of the shop is no person; the user of this name at the desk is one."""
    model_of(
        "people",
        {
            "block_list": "kind | namespace | value_text\nuser | shop | till",
            "landed_events": """
        source | user_id | email_key | occurred_at
        -------+---------+-----------+------------
        shop   | till    | ann@      | 09:00
        shop   | till    | bob@      | 09:01
        desk   | till    |           | 09:02
    """,
        },
        "person_id | n_events\nemail:ann@ | 1\nemail:bob@ | 1\nuser:desk:till | 1",
    )


def test_the_definition_unlinks_a_pair(model_of):
    """Ann typed Bob's address once."""
    tables = {
        "unlinked_identifiers": "left_identifier | right_identifier\nemail:bob@ | user:web:ann",
        "landed_events": "user_id | email_key | occurred_at\nann | bob@ | 09:00\nbob | bob@ | 09:01\nann | ann@ | 09:02",
    }
    model_of("people", tables, "person_id | n_events\nemail:ann@ | 2\nemail:bob@ | 1")
    model_of(
        "suspended_links",
        tables,
        "left_identifier | right_identifier | reason | n_events\nemail:bob@ | user:web:ann | unlinked | 1",
    )


FAMILY = """
    user_id | phone_key | occurred_at
    --------+-----------+------------
    ann     | 0123      | 09:00
    bob     | 0123      | 09:01
    cid     | 0123      | 09:02
    cid     | 0123      | 09:03
"""


def test_a_key_at_its_cap_links_and_one_over_it_links_nobody(model_of):
    at, over = ({"identifier_caps": f"kind | most\nphone | {most}", "landed_events": FAMILY} for most in (3, 2))
    model_of("people", at, "person_id | n_events\nphone:0123 | 4")
    model_of("people", over, "person_id | n_events\nuser:web:ann | 1\nuser:web:bob | 1\nuser:web:cid | 2")
    model_of(
        "suspended_links",
        over,
        """
        left_identifier | right_identifier | reason       | n_events
        ----------------+------------------+--------------+---------
        phone:0123      | user:web:ann     | key_over_cap | 1
        phone:0123      | user:web:bob     | key_over_cap | 1
        phone:0123      | user:web:cid     | key_over_cap | 2
    """,
    )


def test_an_order_over_its_cap_joins_nobody(model_of):
    """A corporate order number under which three browsers were seen."""
    model_of(
        "people",
        {
            "identifier_caps": "kind | most\norder | 2",
            "landed_events": "device_id | order_id | occurred_at\na | 1 | 09:00\nb | 1 | 09:01\nc | 1 | 09:02",
        },
        "person_id\ndevice:web:a\ndevice:web:b\ndevice:web:c",
    )


CHAIN = """
    user_id | email_key | phone_key | device_id | order_id | occurred_at
    --------+-----------+-----------+-----------+----------+------------
    1       | a@        |           |           |          | 09:00
            | a@        | 0123      |           |          | 09:01
    2       |           | 0123      |           |          | 09:02
    2       | b@        |           |           |          | 09:03
            |           |           | phone     | 7        | 09:04
            | b@        |           |           | 7        | 09:05
"""


@pytest.mark.parametrize(
    ("most", "people"),
    [
        (6, "device:web:phone | 6 | 7"),
        (5, "email:a@ | 2 | 2\ndevice:web:phone | 4 | 4"),
        (2, "email:a@ | 2 | 2\nuser:web:2 | 2 | 1\nemail:b@ | 1 | 1\ndevice:web:phone | 1 | 2"),
    ],
    ids=["at the cap", "phones are enough", "then addresses"],
)
def test_a_person_over_the_cap_sheds_phones_then_addresses_and_no_more_than_it_must(model_of, most, people):
    """Six identifiers of people in a chain; an order does not count. With 2, the two of the first user hold together."""
    tables = {"identifier_caps": f"kind | most\nperson | {most}", "landed_events": CHAIN}
    model_of("people", tables, f"person_id | n_events | n_identifiers\n{people}")


def test_what_a_person_over_the_cap_sheds_is_listed(model_of):
    model_of(
        "suspended_links",
        {"identifier_caps": "kind | most\nperson | 5", "landed_events": CHAIN},
        """
        left_identifier | right_identifier | reason          | n_events
        ----------------+------------------+-----------------+---------
        email:a@        | phone:0123       | person_over_cap | 1
        phone:0123      | user:web:2       | person_over_cap | 1
    """,
    )


def test_after_addresses_a_person_over_the_cap_sheds_devices_then_orders_and_tickets(model_of):
    """Three browsers on one order; and two users, one on an order, one on a ticket, that a third event shows together."""
    cap = {"identifier_caps": "kind | most\nperson | 1"}
    browsers = "device_id | order_id | occurred_at\na | 1 | 09:00\nb | 1 | 09:01\nc | 1 | 09:02"
    users = "user_id | order_id | ticket_id | occurred_at\nann | 1 | | 09:00\nbob | | 9 | 09:01\n | 1 | 9 | 09:02"
    model_of("people", {**cap, "landed_events": browsers}, "person_id\ndevice:web:a\ndevice:web:b\ndevice:web:c")
    model_of(
        "events",
        {**cap, "landed_events": users},
        "occurred_at | person_id\n09:00 | user:web:ann\n09:01 | user:web:bob\n09:02 |",
    )
