"""Identity and sessions in SQL agree with the plain Python of tests/reference on any few events."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.engine import run
from tests.drawn import build
from tests.drawn_text import id_of
from tests.reference import identity, sessions
from tests.reference.events import Event

GAP, BACK = timedelta(minutes=30), timedelta(minutes=75)
RANK = {"web": 1, "desk": 2}
TIMES = st.builds(
    lambda quarters, micros: datetime(2024, 5, 1) + timedelta(minutes=15 * quarters, microseconds=micros),
    st.integers(0, 16),
    st.integers(0, 1),
)
ROWS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["web", "web", "desk"]),
        "occurred_at": TIMES,
        "sequence": st.integers(1, 2),
        "is_passive": st.sampled_from([False, False, False, True]),
        "device_id": st.sampled_from([None, "d1", "d1", "d2"]),
        "user_id": st.sampled_from([None, None, "1", "2"]),
        "email_key": st.sampled_from([None, None, None, "x", "y"]),
        "phone_key": st.sampled_from([None, None, None, "p"]),
        "order_id": st.sampled_from([None, None, None, "o"]),
        "ticket_id": st.sampled_from([None, None, None, "t"]),
    }
)


def named(row: dict, number: int, namespace: dict[str, str]) -> Event:
    """The event of a landed row, its identifiers written out."""

    def identifier(kind: str, value: str | None, *names: str) -> str | None:
        return value and ":".join([kind, *names, value])

    return Event(
        f"e{number:02}",
        row["occurred_at"],
        row["source"],
        RANK[row["source"]],
        row["sequence"],
        is_passive=row["is_passive"],
        device=identifier("device", row["device_id"], row["source"]),
        user=identifier("user", row["user_id"], namespace[row["source"]]),
        email=identifier("email", row["email_key"]),
        phone=identifier("phone", row["phone_key"]),
        order=identifier("order", row["order_id"], row["source"]),
        ticket=identifier("ticket", row["ticket_id"], row["source"]),
    )


CAPS = st.fixed_dictionaries(
    {kind: st.integers(1, 5) for kind in ("user", "email", "phone", "order", "ticket", "person")}
)


@given(rows=st.lists(ROWS, min_size=1, max_size=9), shares_users=st.booleans(), caps=CAPS)
def test_sql_and_plain_python_agree_whose_each_event_is_and_in_which_session(con, rows, shares_users, caps):
    namespace = {"web": "web", "desk": "web" if shares_users else "desk"}
    events = [named(row, number, namespace) for number, row in enumerate(rows)]
    build(
        con,
        ["events", "people", "sessions"],
        {
            "settings": [{"attribute_back_seconds": int(BACK.total_seconds())}],
            "sources": [
                {"source": name, "source_rank": rank, "user_namespace": namespace[name]} for name, rank in RANK.items()
            ],
            "identifier_caps": [{"kind": kind, "most": most} for kind, most in caps.items()],
            "landed_events": [row | {"event_id": f"e{number:02}"} for number, row in enumerate(rows)],
        },
    )
    person_of = identity.people(events, identity.Rules(GAP, BACK, caps)).of_event
    known = sessions.sessions(events, person_of, sessions.Rules(GAP))
    session_of = sessions.session_of(known)

    found = run(
        con,
        """
        SELECT source, event_id, events.person_id, started_at
        FROM events LEFT JOIN (SELECT session_id, started_at FROM sessions) AS sessions
            ON events.session_id = sessions.session_id""",
    )
    assert {(source, event_id): (person, started_at) for source, event_id, person, started_at in found} == {
        key: (person and id_of(person), session_of[key].started_at if key in session_of else None)
        for key, person in person_of.items()
    }
    assert set(run(con, "SELECT person_id, started_at, ended_at, n_events FROM sessions")) == {
        (id_of(session.person), session.started_at, session.ended_at, len(session.events)) for session in known
    }


@given(rows=st.lists(ROWS, min_size=1, max_size=8), data=st.data())
def test_the_order_of_delivery_does_not_matter(con, rows, data):
    """Neither the order of rows nor their delivery numbers change a person or a session."""
    numbered = [row | {"event_id": f"e{number:02}", "load_seq": 1} for number, row in enumerate(rows)]
    shuffled = [row | {"load_seq": load_seq} for load_seq, row in enumerate(data.draw(st.permutations(numbered)))]
    answers = []
    for landed in (numbered, shuffled):
        build(
            con,
            ["events"],
            {
                "landed_events": landed,
                "sources": [{"source": name, "source_rank": rank} for name, rank in RANK.items()],
            },
        )
        answers.append(sorted(run(con, "SELECT event_id, person_id, coalesce(session_id, '') FROM events"), key=str))
    assert answers[0] == answers[1]
