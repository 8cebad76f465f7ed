"""Small cases on which tools that count funnels disagree: what happened, what each answers, what we answer and why.

An answer is how many stages one person came through. The tools' answers are from their documents and published
sources, those of ClickHouse from running it; None where a tool has no such funnel or does not say.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey_mining import Exclusion

TOOLS = ("posthog", "mixpanel", "amplitude", "clickhouse", "umami")
OPEN = "open"


@dataclass(frozen=True)
class Case:
    """`events` as 'A 13:00, B 13:45', in the order they were logged, on one day; `how` are arguments of `funnel`."""

    title: str
    events: str
    stages: list[Any]
    window: str
    answers: dict[str, int | None]
    ours: int | str
    why: str
    how: dict[str, Any] = field(default_factory=dict)
    also: dict[str, int] = field(default_factory=dict)
    """What one more argument changes in our answer: {"entry='first'": 2}."""
    known_until: datetime = datetime(2024, 6, 30)


def answers(posthog=None, mixpanel=None, amplitude=None, clickhouse=None, umami=None):
    """The tools' answers, in their order."""
    return dict(zip(TOOLS, (posthog, mixpanel, amplitude, clickhouse, umami), strict=True))


CASES = [
    Case(
        "One event, two stages of its name",
        "A 09:00",
        ["A", "A"],
        "1h",
        answers(1, 1, 1, 2, 2),
        1,
        "A stage needs an event of its own: to look twice takes two looks.",
    ),
    Case(
        "Two stages at one instant, the second logged first",
        "B 09:00, A 09:00",
        ["A", "B"],
        "1h",
        answers(2, 2, 2, 2, 2),
        2,
        "Clocks are coarser than clicks: at one instant either order is right.",
        also={"ties='logged'": 1},
    ),
    Case(
        "A second entry saves what the first would miss",
        "A 13:00, A 13:30, B 13:45, C 14:15",
        ["A", "B", "C"],
        "1h",
        answers(3, 2, 3, 3, 3),
        3,
        "Every entry is tried, and the best counts: from 13:30, C is within the hour.",
        also={"entry='first'": 2},
    ),
    Case(
        "A later stage comes early, and then again",
        "A 09:00, C 09:01, B 09:02, C 09:03",
        ["A", "B", "C"],
        "1h",
        answers(3, 3, 3, 3, 3),
        3,
        "Other events may lie between, also those of other stages.",
    ),
    Case(
        "Another event between, in strict order",
        "A 09:00, X 09:01, B 09:02",
        ["A", "B"],
        "1h",
        answers(1, 1, 1, 1, None),
        1,
        "Strict is strict: the next event has to be the next stage, whatever the other is.",
        how={"order": "strict"},
    ),
    Case(
        "Exactly at the end of the window",
        "A 09:00, B 10:00",
        ["A", "B"],
        "1h",
        answers(2, None, None, 2, 2),
        2,
        "A window includes its end.",
    ),
    Case(
        "An excluded event, then a clean second try",
        "A 09:00, X 09:01, A 09:02, B 09:03",
        ["A", "B"],
        "1h",
        answers(2, 1, 2, None, None),
        2,
        "The first attempt ends at X (n_excluded is 1); the second is a new one.",
        how={"exclude": [Exclusion("X", after=1, before=2)]},
        also={"entry='first'": 1},
    ),
    Case(
        "Entered on the last day that is known",
        "A 09:00",
        ["A", "B"],
        "14d",
        answers(1, 1, 1, 1, 1),
        OPEN,
        "Thirteen of the fourteen days are still to come: neither converted nor lost, so it is in no rate, only in n_open.",
        known_until=datetime(2024, 5, 2),
    ),
    Case(
        "One event that is a case of both stages",
        "/signup 09:00",
        [["/", "/signup"], "/signup"],
        "1h",
        answers(1, 1, 1, 2, 2),
        1,
        "As in the first case: any page, then the page /signup, takes two pages.",
    ),
    Case(
        "Each stage within an hour of the one before, not all of them within an hour",
        "A 09:00, B 09:50, C 10:40",
        ["A", "B", "C"],
        "1h",
        answers(2, 2, 2, 2, 3),
        2,
        "A window counts from the entry; the time from stage to stage is `FunnelStage(within=)`.",
    ),
    Case(
        "An excluded event, and no second try",
        "A 09:00, X 09:01, B 09:02",
        ["A", "B"],
        "1h",
        answers(0, 1, None, None, None),
        1,
        "The attempt stays where it stood. PostHog leaves the person out, and the first stage with it.",
        how={"exclude": [Exclusion("X", after=1, before=2)]},
        also={"on_exclude='drop_person'": 0},
    ),
    Case(
        "The second stage logged two seconds before the first",
        "B 09:00:00, A 09:00:02",
        ["A", "B"],
        "1h",
        answers(1, 2, 1, 1, 1),
        1,
        "Two seconds are no instant, unless you say so.",
        also={"ties='2s'": 2},
    ),
]
