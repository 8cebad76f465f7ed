"""Ask us and the peers the same about thousands of logs, and fail where an answer differs.

    python -m tests.peers.run                      as `make test-peers` does
    python -m tests.peers.run --logs 100 --seed 7

The environment of the peers is benchmarks/peers/.venv, or what PEERS_PYTHON names.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL

import pandas as pd

from benchmarks.peers.compare import peers_python
from tests.peers.logs import random_logs, real_logs

ROOT = Path(__file__).parent.parent.parent
OURS = "journeys"
ANSWERED = {
    "retentioneering": {
        *("transitions", "journeys with a transition", "share of all transitions", "transitions per journey"),
        *("probability", "probability in", "median seconds", "95 % quantile of seconds", "funnel", "step matrix"),
        *("step matrix, anchored", "step matrix, difference", "transitions, difference"),
    },
    "pm4py": {
        *("transitions", "mean seconds", "median seconds", "variants", "median duration of the first variant"),
        "journeys with rework",
    },
}
"""What each of them must have answered: a question that is no longer asked would agree too."""
KEY = ["log", "question", "about"]
TOLERANCE = 1e-9


def answers(logs: Path) -> dict[str, pd.DataFrame]:
    """Run all tools on the logs at once, each in a process of its own."""
    pythons = {OURS: sys.executable} | dict.fromkeys(ANSWERED, peers_python())
    running = {}
    for tool, python in pythons.items():
        command = [python, "-m", f"tests.peers.by_{tool}", str(logs), str(logs.with_name(f"{tool}.parquet"))]
        running[tool] = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=DEVNULL)
    try:
        for tool, process in running.items():
            if process.wait():
                raise SystemExit(f"{tool} failed, see above.")
    finally:
        for process in running.values():
            process.kill()
    return {tool: pd.read_parquet(logs.with_name(f"{tool}.parquet")) for tool in running}


def shared(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Put the figures of two tools side by side, of the questions that both were asked; what is not there is 0."""
    questions = theirs[["log", "question"]].drop_duplicates()
    questions = questions[questions["question"].isin(set(ours["question"]))]
    both = [table.merge(questions, on=["log", "question"]).set_index(KEY)["value"] for table in (ours, theirs)]
    return pd.concat(both, axis=1, keys=["ours", "theirs"]).fillna(0).reset_index()


def differing(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures that are not the same."""
    size = figures[["ours", "theirs"]].abs().max(axis=1).clip(lower=1)
    return figures[(figures["ours"] - figures["theirs"]).abs() > TOLERANCE * size]


def told(tool: str, figures: pd.DataFrame) -> str:
    """One line per question: of how many figures in how many logs how many differ, and the first of those."""
    lines = []
    for question, own in figures.groupby("question"):
        wrong = differing(own)
        lines.append(f"{tool}, {question}: {own['log'].nunique():,} logs, {len(own):,} figures, {len(wrong):,} differ")
        lines += [f"    {row.log}, {row.about}: we {row.ours}, they {row.theirs}" for row in wrong.head(3).itertuples()]
    return "\n".join(lines)


def main() -> None:
    """Compare, and show the first differences there are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs.parquet"
        pd.concat([*random_logs(given.logs, given.seed), *real_logs()]).to_parquet(logs, index=False)
        found = answers(logs)
    n_differing = 0
    for peer, questions in ANSWERED.items():
        figures = shared(found[peer], found[OURS])
        if unanswered := questions - set(figures["question"]):
            raise SystemExit(f"{peer} answered nothing of: {', '.join(sorted(unanswered))}")
        n_differing += len(differing(figures))
        sys.stdout.write(f"{told(peer, figures)}\n")
    if n_differing:
        raise SystemExit(f"{n_differing:,} figures differ.")


if __name__ == "__main__":
    main()
