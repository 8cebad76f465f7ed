"""Write docs/semantics.md from the tested cases: python -m tests.journey_mining.semantics_page"""

from pathlib import Path

from tests.journey_mining.funnel_cases import CASES, OPEN, TOOLS, Case

PAGE = Path(__file__).parents[2] / "docs" / "semantics.md"
NAMES = {
    "posthog": "PostHog",
    "mixpanel": "Mixpanel",
    "amplitude": "Amplitude",
    "clickhouse": "ClickHouse `windowFunnel`",
    "umami": "Umami",
}
HEAD = """# How tools count funnels, and how we do

One person's events, one funnel: how many stages did the person come through? Each tool's answer is given by
`funnel(..., semantics="posthog")`, `"mixpanel"`, `"amplitude"`, `"clickhouse"` or `"umami"`; ours by leaving that out.
The tests run every answer of this page, and write it. Answers are from the tools' documents and published sources,
those of ClickHouse from running it. A dash: there is no such funnel, or nothing says.

| what `semantics` sets | PostHog | Mixpanel | Amplitude | ClickHouse | Umami |
|---|---|---|---|---|---|
| window, if none is given | 14 days | 7 days | | | |
| window counts from | entry | entry | entry | entry | the stage before |
| which entry counts | best | first | best | best | best |
| simultaneous is | one instant | within 2 s | one instant | one instant | one instant |
| one event may be several stages | no | no | no | yes | yes |
| excluded: left out is | the person | the attempt | the attempt | | |
| who entered too lately | lost | lost | lost | lost | lost |

What is not followed: Amplitude rounds times to seconds; Mixpanel's totals are `entry="all"`; Umami, with several
events of a stage, goes on from any of them, we from the first; PostHog's range of dates holds for every stage, we
count on all steps of the log; strict order at one instant is the one logged here, ClickHouse has one of its own.
"""


def page() -> str:
    """Return the whole page."""
    overview = [
        "| | case | " + " | ".join(NAMES[tool].split(" `")[0] for tool in TOOLS) + " | ours |",
        "|--" * (len(TOOLS) + 3) + "|",
        *(
            f"| {number} | {case.title} | {' | '.join(_told(case.answers[tool]) for tool in TOOLS)} | **{case.ours}** |"
            for number, case in enumerate(CASES, 1)
        ),
    ]
    return "\n".join([HEAD, *overview, "", *(_case(number, case) for number, case in enumerate(CASES, 1))])


def _case(number: int, case: Case) -> str:
    drawn = [event.split() for event in case.events.split(", ")]
    width = max(len(name) for name, _ in drawn) + 2
    call = ", ".join(
        [f"[{', '.join(map(repr, case.stages))}]", repr(case.window), *(f"{k}={v!r}" for k, v in case.how.items())]
    )
    also = "".join(f" With `{words}`: {depth}." for words, depth in case.also.items())
    until = f"   known until {case.known_until:%d %B}" if case.ours == OPEN else ""
    return "\n".join(
        [
            f"## {number}. {case.title}",
            "```",
            *(f"{time}  {name:<{width}}".rstrip() for name, time in drawn),
            *([f"1 May{until}"] if until else []),
            "```",
            f"`funnel(log, {call})`",
            "",
            f"{', '.join(f'{NAMES[tool]} {_told(case.answers[tool])}' for tool in TOOLS)}; **ours {case.ours}**.{also}",
            case.why,
            "",
        ]
    )


def _told(answer: int | None) -> str:
    return "–" if answer is None else str(answer)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
