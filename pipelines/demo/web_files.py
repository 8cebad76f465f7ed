"""The web log as files of JSON lines, with the flaws of real deliveries: broken lines and events sent twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.demo.behaviour import Touches, Visits
from pipelines.demo.moves import STEP
from pipelines.demo.orders import Orders
from pipelines.demo.people import People
from pipelines.demo.shop import DAY_MS, N_DAYS, START, START_MS, Array
from pipelines.demo.web_lines import event_id, json_lines, pieces_of

SHARE_SENT_TWICE = 0.001
DAILY_FROM = 500_000  # events; below, a file holds a week
BROKEN_LINES = (  # the reason they belong in quarantine, and the line
    ("bad_json", '{"event_id":"evt_cut","occurred_at":"2026-01-10T10:00:00.000Z","event":"page_vi'),
    ("bad_json", "<html><body>502 Bad Gateway</body></html>"),
    ("bad_json", '{"event_id":"evt_quote","event":"page_view","page":"/c/"lamps""}'),
    (
        "bad_time",
        '{"event_id":"evt_date","occurred_at":"2026-02-30T25:61:00.000Z","event":"page_view","device_id":"d_date"}',
    ),
)


@dataclass(frozen=True)
class Flaws:
    """What is wrong in the files: (file, line number, reason) of broken lines, and the ids of events sent twice."""

    broken: list[tuple[str, int, str]]
    sent_twice: list[str]


def write_web(
    folder: Path, people: People, visits: Visits, touches: Touches, orders: Orders, rng: np.random.Generator
) -> tuple[list[Path], Flaws]:
    """Write the touches (in the order of time) to folder/web, replacing what an earlier run left there."""
    web = folder / "web"
    web.mkdir(parents=True, exist_ok=True)
    for old in web.glob("????-??-??.jsonl"):
        old.unlink()
    days_per_file = 1 if len(touches.at_ms) >= DAILY_FROM else 7
    first_days = list(range(0, N_DAYS, days_per_file))
    cuts = np.searchsorted(touches.at_ms, [START_MS + day * DAY_MS for day in (*first_days, N_DAYS)]).tolist()
    twice = _sent_twice(len(touches.at_ms), cuts[-2], rng)
    pieces, order_of_row = pieces_of(people, orders), np.cumsum(touches.step == STEP["purchase"]) - 1
    flaws, paths, late = Flaws([], []), [], b""
    for number, first_day in enumerate(first_days):
        rows = range(cuts[number], cuts[number + 1])
        lines, ends = json_lines(pieces, visits, touches, rows, order_of_row)
        path = web / f"{(START + np.timedelta64(first_day, 'D')).astype('datetime64[D]')}.jsonl"
        broken = [BROKEN_LINES[i] for i in range(len(BROKEN_LINES)) if _file_of_broken(i, len(first_days)) == number]
        path.write_bytes(lines + late + "".join(line + "\n" for _, line in broken).encode())
        n_good = len(rows) + late.count(b"\n")
        flaws.broken.extend((path.name, n_good + 1 + i, reason) for i, (reason, _) in enumerate(broken))
        again = twice[(twice >= rows.start) & (twice < rows.stop)].tolist()
        flaws.sent_twice.extend(event_id(row) for row in again)
        late = b"".join(lines[ends[row - rows.start] : ends[row - rows.start + 1]] for row in again)
        paths.append(path)
    return paths, flaws


def _sent_twice(n: int, n_before_last_file: int, rng: np.random.Generator) -> Array:
    wanted = max(1, round(n * SHARE_SENT_TWICE))
    return np.unique(rng.integers(0, n_before_last_file, wanted))


def _file_of_broken(i: int, n_files: int) -> int:
    return (i + 1) * n_files // (len(BROKEN_LINES) + 1)
