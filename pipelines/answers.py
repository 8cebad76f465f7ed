"""What the commands print when they are done: sentences for people, one JSON object for programs."""

import json
from typing import TYPE_CHECKING, Any

from pipelines.say import tell
from pipelines.wording import counted

if TYPE_CHECKING:
    from pipelines.collect import Landed
    from pipelines.expire import Expired
    from pipelines.run import Outcome


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object."""
    print(json.dumps(value, indent=2, default=str, ensure_ascii=False))


def show_landed(landed: "Landed", as_json: bool) -> None:
    """Tell what has landed."""
    if as_json:
        print_json({"entries": [entry.model_dump(mode="json") for entry in landed.entries]})
    else:
        tell(
            f"{counted(landed.n_accepted, 'record')} landed in {counted(len(landed.entries), 'delivery', 'deliveries')}."
            if landed.entries
            else "Nothing new."
        )


def show_outcome(outcome: "Outcome", as_json: bool) -> None:
    """Tell what is published: what was found, and where to look."""
    if as_json:
        print_json(outcome.as_json())
        return
    tell(
        f"Published build {outcome.build_id}."
        if outcome.is_new
        else f"Nothing new: build {outcome.build_id} stays published."
    )
    found = outcome.findings
    rows = {
        "People": found.people,
        "Journeys": found.journeys,
        "Worst stage": found.worst_stage,
        "KPIs": found.kpis_off_target,
        "Pain point": found.top_pain_point,
        **({"Unmatched": found.unmatched} if found.unmatched else {}),
    }
    for label, text in rows.items():
        tell(f"  {label:<12} {text}")
    names = {"map": "Journey map", "flow": "Flow", "kpis": "KPI board", "tables": "DuckDB file"}
    for name, path in outcome.files.items():
        tell(f"  {names[name]:<12} {path}")


def show_expired(expired: "Expired", is_dry_run: bool, as_json: bool) -> None:
    """Tell what has expired, or would."""
    if as_json:
        print_json(expired.as_json())
        return
    if not expired.n_files:
        tell("Nothing has expired.")
        return
    before = f" of before {expired.expired_before:%Y-%m-%d %H:%M} UTC" if expired.expired_before else ""
    tell(
        f"{'Would expire' if is_dry_run else 'Expired'}: {counted(expired.n_events, 'event')}{before} and "
        f"{counted(expired.n_quarantined, 'unreadable record')}, in {counted(expired.n_files, 'file')}; "
        f"KPIs of {counted(expired.n_frozen_days, 'day')} stay as published."
    )
    if not is_dry_run:
        tell("`journeys publish` brings the tables up to it.")
