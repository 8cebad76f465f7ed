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

import pandas as pd

from benchmarks.peers.compare import peers_python
from tests.peers.logs import real_logs, random_logs

ROOT = Path(__file__).parent.parent.parent
PEERS = ("retentioneering", "pm4py")
KEY = ["log", "question", "about"]
TOLERANCE = 1e-9


def answers(tool: str, python: str, logs: Path) -> pd.DataFrame:
    """Run one tool on the logs, in a process of its own."""
    path = logs.with_name(f"{tool}.parquet")
    command = [python, "-m", f"tests.peers.by_{tool}", str(logs), str(path)]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return pd.read_parquet(path)


def differences(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """List the figures in which two tools differ, of the questions that both answer."""
    shared = set(ours["question"]) & set(theirs["question"])
    both = [table[table["question"].isin(shared)].set_index(KEY)["value"] for table in (ours, theirs)]
    beside = pd.concat(both, axis=1, keys=["ours", "theirs"]).fillna(0)
    is_far = (beside["ours"] - beside["theirs"]).abs() > TOLERANCE * beside.abs().max(axis=1).clip(lower=1)
    return beside[is_far].reset_index()


def told(tool: str, ours: pd.DataFrame, theirs: pd.DataFrame, differing: pd.DataFrame) -> str:
    """One line per question: in how many logs, and of how many figures, the answers agree."""
    shared = theirs[theirs["question"].isin(set(ours["question"]))]
    lines = [
        f"{tool}, {question}: {of_question['log'].nunique():,} logs, {len(of_question):,} figures, "
        f"{(differing['question'] == question).sum():,} differ"
        for question, of_question in shared.groupby("question")
    ]
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
        ours = answers("journeys", sys.executable, logs)
        n_differing = 0
        for peer in PEERS:
            theirs = answers(peer, peers_python(), logs)
            differing = differences(ours, theirs)
            n_differing += len(differing)
            print(told(peer, ours, theirs, differing), flush=True)
            if len(differing):
                print(differing.groupby("question").head(3).to_string(index=False))
    if n_differing:
        raise SystemExit(f"{n_differing:,} figures differ.")


if __name__ == "__main__":
    main()
