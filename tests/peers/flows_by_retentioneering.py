"""Step matrices, anchors, patterns, differences and lifts against retentioneering, on random and on real logs.

python -m tests.peers.flows_by_retentioneering --peer PATH_OF_A_PYTHON_WITH_RETENTIONEERING

Prints every figure that differs, and then ends with 1. The peer runs in a process of its own, which imports nothing of
ours. Left out is what is different on purpose: an offset beyond the end of a journey stays there with the peer, here it
is (ended); the columns that one of the two leaves out: the peer's go on behind the last position of a part.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from itertools import permutations
from pathlib import Path

import pandas as pd

N_STEPS = 4
PATTERNS = {
    "{a}->.*->{b}": "{a}->.*->{b}",
    "{a}->{b}": "{a}->{b}",
    "{a}->!({c})*->{b}": "{a}->[^{c}]*->{b}",
    "{a}->({b}|{c})*->{c}": "{a}->[{b}|{c}]*->{c}",
    "({a}|{b})->.->{c}": "[{a}|{b}]->.->{c}",
    "!{a}->{b}->.*->{a}": "[^{a}]->{b}->.*->{a}",
    "(start)->{a}->.*->{b}": "path_start->{a}->.*->{b}",
    "{a}->.*->{b}->(end)": "{a}->.*->{b}->path_end",
    "{a}->.*->{b}->.*->{a}": "{a}->.*->{b}->.*->{a}",
}
"""Ours, and the same in the peer's words; a, b and c are the most frequent names of a log."""


def questions(log):
    """What both are asked about a log: {question: arguments}."""
    names = log["event"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index
    rank = dict(zip("abc", names, strict=False))
    asked = {"steps": {}}
    for occurrence in ("first", "last"):
        for name in rank.values():
            asked[f"{occurrence} {name}"] = {"anchor": [name, occurrence]}
    if len(rank) == 3:
        for ours, theirs in PATTERNS.items():
            asked[ours.format(**rank)] = {"pattern": [ours.format(**rank), theirs.format(**rank)]}
    for start, end in permutations(rank.values(), 2):
        for within in (None, 2, "2m"):
            asked[f"from {start} to {end} within {within}"] = {"lift": [start, end, within]}
    if log["segment"].nunique() == 2:
        asked["difference"] = {"difference": ["x", "y"]}
    return asked


def theirs(log, asked):
    """The peer's answers: (question, part, step, name, share); nothing where nobody matches."""
    import warnings

    from retentioneering import Eventstream
    from retentioneering.exceptions import PatternNoMatchError

    warnings.simplefilter("ignore")
    schema = {"path_cols": ["person"], "event_col": "event", "timestamp_col": "at", "segment_cols": ["segment"]}
    stream = Eventstream(log, schema)
    for question, wanted in asked.items():
        if "lift" in wanted:
            (row,) = stream.get_conversion_rate(*wanted["lift"]).to_dict("records")
            yield from lifted(question, row["conversion_rate"], row["base_rate"], row["lift"])
            continue
        arguments = {}
        if "anchor" in wanted:
            arguments["anchor"] = {"pattern": wanted["anchor"][0], "occurrence": wanted["anchor"][1]}
        if "pattern" in wanted:
            arguments["path_pattern"] = wanted["pattern"][1]
        if "difference" in wanted:
            arguments["diff"] = ("segment", *wanted["difference"])
        try:
            found = stream.step_matrix_data(max_steps=N_STEPS, **arguments)
        except PatternNoMatchError:
            continue
        if "difference" in wanted:
            found = found[0]
        for part, matrix in enumerate(found if isinstance(found, (tuple, list)) else [found], start=1):
            for step in matrix.columns[matrix.columns <= N_STEPS]:
                if "difference" not in wanted and not matrix[step].sum() > 0:
                    continue
                for name, share in matrix[step].items():
                    told = {"path_start": "(start)", "path_end": "(ended)"}.get(name, name)
                    yield question, part, int(step), str(told), float(share)


def lifted(question, rate, base_rate, lift):
    """A rate, the base rate and the lift as three figures."""
    for name, value in (("rate", rate), ("base rate", base_rate), ("lift", lift)):
        yield question, 1, 0, name, float(value)


def ours(log, asked):
    """Our answers, in the same form."""
    import journey_mining as jm

    opened = jm.from_pandas(log, person="person", event="event", time="at", keep=["segment"])
    for question, wanted in asked.items():
        if "lift" in wanted:
            row = opened.conversion_lift(*wanted["lift"]).table.iloc[0]
            yield from lifted(question, row["rate"], row["base_rate"], row["lift"])
            continue
        try:
            if "difference" in wanted:
                first, second = (
                    opened.segment("segment", one).step_matrix(N_STEPS).table for one in wanted["difference"]
                )
                table = jm.share_difference(first, second).rename(columns={"difference": "value"})
            elif "anchor" in wanted:
                table = opened.step_matrix(N_STEPS, anchor=jm.Anchor(*wanted["anchor"])).table
            else:
                table = opened.step_matrix(N_STEPS, pattern=wanted.get("pattern", [None])[0]).table
        except jm.ArgumentError as error:
            if "no journey" not in str(error):
                raise
            continue
        table = table.rename(columns={"share": "value"})
        for part, step, name, value in table[["part", "step", "name", "value"]].itertuples(index=False):
            yield question, part, step, name, value
    opened.close()


def random_logs(n_logs):
    """Logs of a few people with a few names, an event a minute."""
    dice = random.Random(20240501)
    for number in range(n_logs):
        rows = [
            (f"p{person}", dice.choice("abcd"), minute, dice.choice("xy") if minute == 0 else None)
            for person in range(dice.randint(1, 12))
            for minute in range(dice.randint(1, 12))
        ]
        log = pd.DataFrame(rows, columns=["person", "event", "minute", "segment"])
        log["at"] = pd.Timestamp("2024-05-01") + pd.to_timedelta(log.pop("minute"), unit="min")
        yield f"random {number}", log.assign(segment=log["segment"].ffill())


def real_logs(folder):
    """The event logs among the real data, with a segment that halves the people."""
    helpdesk = pd.read_csv(folder / "helpdesk/helpdesk_finale.csv.gz", dtype=str)
    deskdrop = pd.read_csv(folder / "deskdrop/users_interactions.csv.gz", dtype=str)
    shop = pd.read_parquet(
        folder / "ga4/ga4_events_20201219_20210119.parquet", columns=["user_pseudo_id", "event_name", "event_timestamp"]
    )
    few = shop["user_pseudo_id"].isin(sorted(shop["user_pseudo_id"].unique())[:10_000])
    columns = ["person", "event", "at"]
    tables = {
        "helpdesk": helpdesk[["Case ID", "Activity", "Complete Timestamp"]].set_axis(columns, axis=1),
        "deskdrop": deskdrop[["personId", "eventType", "timestamp"]].set_axis(columns, axis=1),
        "ga4": shop[few][["user_pseudo_id", "event_name", "event_timestamp"]].set_axis(columns, axis=1),
    }
    for name, table in tables.items():
        unit = {"helpdesk": None, "deskdrop": "s", "ga4": "us"}[name]
        at = (
            pd.to_datetime(table["at"], format="ISO8601")
            if unit is None
            else pd.to_datetime(table["at"].astype("int64"), unit=unit)
        )
        table = table.assign(at=at.astype("datetime64[us]")).sort_values(["person", "at"], kind="stable")
        numbers = table["person"].astype("category").cat.codes
        yield name, table.assign(segment=(numbers % 2).map({0: "x", 1: "y"})).reset_index(drop=True)


def differences(one, other):
    """Every figure that two tables of answers do not share; a name that is nowhere has a share of 0."""
    keys = ["log", "question", "part", "step", "name"]
    one, other = (pd.DataFrame(rows, columns=[*keys, "value"]) for rows in (one, other))
    columns = other[keys[:-1]].drop_duplicates()
    both = one.merge(columns).merge(other, on=keys, how="outer", suffixes=("_ours", "_theirs")).fillna(0)
    answered = [set(map(tuple, table[["log", "question"]].to_numpy())) for table in (one, other)]
    far = both[(both["value_ours"] - both["value_theirs"]).abs() > 1e-9]
    return far, answered[0] ^ answered[1], len(both)


def main():
    """Ask both, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=os.environ.get("PEERS_PYTHON", "benchmarks/peers/.venv/bin/python"))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("JOURNEYS_DATA") or "../shared/data"))
    parser.add_argument("--logs", type=int, default=100)
    parser.add_argument("--answer", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.answer:
        asked = json.loads(Path(given.answer[0] + ".json").read_text())
        logs = pd.read_parquet(given.answer[0])
        rows = [
            (name, *row)
            for name, log in logs.groupby("log", sort=False)
            for row in theirs(log.drop(columns="log").reset_index(drop=True), asked[name])
        ]
        Path(given.answer[1]).write_text(json.dumps(rows))
        return 0
    if not given.data.is_dir() and os.environ.get("JOURNEYS_REQUIRE_DATA") == "1":
        raise SystemExit(f"no real data in {given.data}; set JOURNEYS_DATA")
    logs = dict(random_logs(given.logs)) | (dict(real_logs(given.data)) if given.data.is_dir() else {})
    asked = {name: questions(log) for name, log in logs.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/logs.parquet"
        pd.concat([log.assign(log=name) for name, log in logs.items()]).to_parquet(path)
        Path(path + ".json").write_text(json.dumps(asked))
        command = [given.peer, __file__, "--answer", path, f"{folder}/answers.json"]
        subprocess.run(command, check=True, env=os.environ | {"RETENTIONEERING_NO_TRACK": "1"})
        other = json.loads(Path(f"{folder}/answers.json").read_text())
    one = [(name, *row) for name, log in logs.items() for row in ours(log, asked[name])]
    far, answered_by_one, n = differences(one, other)
    lines = [far.to_string()] if len(far) else [f"{n:,} figures of {len(logs)} logs are compared and agree"]
    lines += [f"answered by one alone: {question}" for question in sorted(answered_by_one)]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(len(far) > 0 or bool(answered_by_one))


if __name__ == "__main__":
    sys.exit(main())
