"""Removal effects in closed form beside those that ChannelAttribution simulates, on invented paths of five channels.

    python -m tests.peers.attribution_by_channelattribution      as `make test-peers` does

ChannelAttribution is under the GPL and lives in the environment of the peers alone. By default it ends each simulated path
at the length of the longest one given, which a chain does not; asked to go on, its simulation comes within 1 %.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

CHANNELS = {"mail": 0.30, "search": 0.25, "social": 0.20, "video": 0.15, "partner": 0.10}
N_PATHS, SEED, TOLERANCE = 4000, 11, 0.01


def paths() -> list[tuple[str, int]]:
    """Return up to six touches of each path, joined by '>', and whether it was won; some channels win more often."""
    source, found = random.Random(SEED), []
    for _ in range(N_PATHS):
        touches = source.choices([*CHANNELS], [*CHANNELS.values()], k=source.randint(1, 6))
        chance = 0.1 + 0.1 * touches.count("mail") + 0.05 * touches.count("search")
        found.append((">".join(touches), int(source.random() < chance)))
    return found


def theirs(asked: list[tuple[str, int]]) -> dict[str, float]:
    """Simulate, in the Python of the peers."""
    from ChannelAttribution import markov_model

    data = pd.DataFrame(asked, columns=["path", "won"]).assign(lost=lambda table: 1 - table["won"])
    long = {"nsim_start": 1e6, "max_step": 1000}
    said = markov_model(data, "path", "won", var_null="lost", out_more=True, seed=1234567, verbose=False, **long)
    effects = said["removal_effects"]
    return dict(zip(effects.iloc[:, 0], effects.iloc[:, 1], strict=True))


def ours(asked: list[tuple[str, int]]) -> dict[str, float]:
    """Solve; a path is a journey of a person of their own."""
    import journey_mining as jm

    steps = pd.DataFrame(
        [
            (f"j{number}", f"p{number}", place, channel, "succeeded" if is_won else "dropped")
            for number, (path, is_won) in enumerate(asked)
            for place, channel in enumerate(path.split(">"), 1)
        ],
        columns=["journey_id", "person_id", "step_number", "channel", "outcome"],
    )
    steps = steps.assign(
        stage="any", occurred_at=pd.Timestamp("2024-05-01") + pd.to_timedelta(steps["step_number"], "D")
    )
    found = jm.removal_effects(steps, of="channel").set_index("channel")
    return {str(name): float(effect) for name, effect in found["removal_effect"].items()}


def main() -> int:
    """Ask both, and compare."""
    if len(sys.argv) > 1:
        Path(sys.argv[2]).write_text(json.dumps(theirs(json.loads(Path(sys.argv[1]).read_text()))))
        return 0
    from benchmarks.peers.compare import peers_python

    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "paths.json", Path(folder) / "effects.json"
        asked.write_text(json.dumps(paths()))
        subprocess.run([peers_python(), __file__, asked, answer], check=True, env=os.environ)
        simulated = json.loads(answer.read_text())
    exact = ours(paths())
    far = 0
    for channel in CHANNELS:
        error = simulated[channel] / exact[channel] - 1
        far += abs(error) > TOLERANCE
        told = f"{simulated[channel]:.4f}, in closed form {exact[channel]:.4f}: {error:+.1%}"
        sys.stdout.write(f"ChannelAttribution, {channel}: {told}\n")
    return int(far > 0 or set(exact) != set(CHANNELS))


if __name__ == "__main__":
    sys.exit(main())
