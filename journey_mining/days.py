"""The days that steps are on."""

from datetime import datetime

from journey_mining.calendar import Period, local_days
from journey_mining.steps import Opened

NOTHING = datetime(1970, 1, 1)


def put_days(analysis: Opened, period: Period, zone: str | None) -> None:
    """Make the tables `local_days` and `quarters` (days.sql) of all days that steps are on, in a zone or that of the log."""
    first, last = analysis.run("base/span").fetchall()[0]
    analysis.put("local_days", local_days(first or NOTHING, last or NOTHING, zone or analysis.zone, period))
    analysis.run("base/days")
