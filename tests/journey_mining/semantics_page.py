"""Write docs/semantics.md from the tested cases: python -m tests.journey_mining.semantics_page"""

from datetime import datetime
from pathlib import Path

from journey_mining.funnels.semantics import PRESETS
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

{presets}

An empty cell: as ours. That is `count="journeys"` and no window; one given counts from the entry; `entry="best"`, `on_exclude="drop_attempt"`,
`ties="either"`; each stage needs an event of its own; who entered too lately is open.

What is not followed: Amplitude rounds times to seconds; Mixpanel's totals are `entry="all"`; Umami counts the visits of
a browser in a month and, with several events of a stage, goes on from any of them, we from the first; PostHog's range of
dates holds for every stage, we count on all steps of the log; strict order at one instant is the one logged here,
ClickHouse has one of its own. Journeys that are open stay in no rate. What is given goes before what a tool would do.
"""


WHAT = {
    "window": "`window`, if none is given",
    "as_of": "who entered too lately is",
    "is_reused": "one event may be several stages",
    "is_window_per_stage": "the window counts from the stage before",
}
"""Presets that are no argument of `funnel`, or do not say by their name what they do."""


def page() -> str:
    """Return the whole page."""
    overview = [
        f"| | case | {_names()} | ours |",
        "|--" * (len(TOOLS) + 3) + "|",
        *(
            f"| {number} | {case.title} | {' | '.join(_told(case.answers[tool]) for tool in TOOLS)} | **{case.ours}** |"
            for number, case in enumerate(CASES, 1)
        ),
    ]
    return "\n".join(
        [HEAD.format(presets=_presets()), *overview, "", *(_case(number, case) for number, case in enumerate(CASES, 1))]
    )


def _names() -> str:
    return " | ".join(NAMES[tool].split(" `")[0] for tool in TOOLS)


def _presets() -> str:
    """Return the table of what each preset sets, argument by argument."""
    arguments = list(dict.fromkeys(name for tool in TOOLS for name in PRESETS[tool]))
    rows = [
        f"| {WHAT.get(name, f'`{name}`')} | {' | '.join(_preset(PRESETS[tool].get(name)) for tool in TOOLS)} |"
        for name in arguments
    ]
    return "\n".join([f"| what `semantics` sets | {_names()} |", "|---" * (len(TOOLS) + 1) + "|", *rows])


def _preset(value: object) -> str:
    if value is None:
        return ""
    return {True: "yes", datetime.max: "lost"}.get(value) or f'`"{value}"`'


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
