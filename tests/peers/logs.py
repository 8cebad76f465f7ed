"""The logs about which all tools are asked: small random ones, many steps at one instant, and the real ones."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

DATA = Path(os.environ.get("JOURNEYS_DATA") or "../shared/data")
SECONDS = (0, 0, 1, 60, 3600)
"""What may lie between two steps of a person."""


def random_logs(n: int, seed: int) -> Iterator[pd.DataFrame]:
    """Up to nine people with up to twelve steps of up to five names; rows lie in the order of time of all people."""
    random = np.random.default_rng(seed)
    for number in range(n):
        n_people, n_names = random.integers(1, 10), random.integers(1, 6)
        weights = random.dirichlet(np.ones(n_names))
        lengths = random.integers(1, 13, n_people)
        person = np.repeat(np.arange(n_people), lengths)
        waits = random.choice(SECONDS, len(person))
        at = np.concatenate(
            [random.integers(0, 100) + np.cumsum(own) for own in np.split(waits, np.cumsum(lengths)[:-1])]
        )
        log = pd.DataFrame(
            {
                "log": f"random {seed}/{number}",
                "person": [f"p{one}" for one in person],
                "event": random.choice(list("vwxyz")[:n_names], len(person), p=weights),
                "at": pd.Timestamp("2024-05-01") + pd.to_timedelta(at, unit="s"),
                "segment": np.where(random.random(n_people) < 0.5, "x", "y")[person],
            }
        )
        yield log.sort_values("at", kind="stable")


def real_logs() -> Iterator[pd.DataFrame]:
    """The shop's clicks, the help desk's tickets, and the intranet's readers, if they are there; half of the people each segment."""
    if not DATA.is_dir():
        if os.environ.get("JOURNEYS_REQUIRE_DATA") == "1":
            raise SystemExit(f"no real data in {DATA}; set JOURNEYS_DATA")
        return
    shop = duckdb.sql(
        "SELECT user_pseudo_id AS person, event_name AS event, make_timestamp(event_timestamp) AS at "
        f"FROM read_parquet('{DATA}/ga4/*.parquet') ORDER BY event_timestamp, user_pseudo_id, event_name"
    ).df()
    with gzip.open(DATA / "helpdesk" / "helpdesk_finale.csv.gz", "rt") as file:
        desk = pd.read_csv(file, usecols=["Case ID", "Activity", "Complete Timestamp"])
    desk.columns = ["person", "event", "at"]
    with gzip.open(DATA / "deskdrop" / "users_interactions.csv.gz", "rt") as file:
        readers = pd.read_csv(file, usecols=["personId", "eventType", "timestamp"])
    readers = readers.rename(columns={"personId": "person", "eventType": "event"})
    readers["at"] = pd.to_datetime(readers.pop("timestamp"), unit="s")
    for name, log in {"GA4 shop": shop, "help desk": desk, "Deskdrop": readers}.items():
        person = log["person"].astype(str)
        half = person.factorize(sort=True)[0] % 2
        yield pd.DataFrame(
            {
                "log": name,
                "person": person,
                "event": log["event"],
                "at": pd.to_datetime(log["at"]).dt.floor("s").astype("datetime64[us]"),
                "segment": np.where(half == 0, "x", "y"),
            }
        )
