"""The figures above a journey map: how many people and journeys, how they ended, and how many are still open."""

from pipelines.map_tables import Row, Tables
from pipelines.pages import Figure
from pipelines.wording import counted, days, interval, percent


def facts(tables: Tables, totals: Row) -> list[tuple[Figure, str, str]]:
    """The figures above the map, each with its name and a note; open journeys are those of all days."""
    key = {name: str(totals[name]) for name in ("journey", "persona", "period")}
    previous = (
        tables.totals.get((totals["journey"], totals["persona"], "previous")) if totals["period"] == "current" else None
    )
    success = interval(totals["conversion_low"], totals["conversion_high"])
    before = ""
    if previous and previous["conversion_rate"] is not None:
        before = f"{percent(previous['conversion_rate'])} in {days(previous['first_on'], previous['last_on'])}"
    everything = tables.totals[totals["journey"], totals["persona"], "all"]
    n = f"{totals['n_succeeded']:,} of {counted(totals['n_journeys'], 'journey')}"

    def whole(column: str, what: str, row: Row = totals) -> Figure:
        return Figure(f"{row[column]:,}", what, "journey_totals", column, key | {"period": row["period"]}, row[column])

    return [
        *([(whole("n_people", "People with a mature journey"), "people", "")] if totals["n_people"] else []),
        (whole("n_journeys", "Mature journeys"), "mature journeys", ""),
        (
            Figure(
                percent(totals["conversion_rate"]),
                "Journeys that succeed within their window",
                "journey_totals",
                "conversion_rate",
                key,
                totals["conversion_rate"],
                success,
                n,
                before,
            ),
            "succeed",
            success,
        ),
        (whole("n_dropped", "Journeys that left for good"), "left for good", ""),
        (whole("n_active", "Journeys still active"), "still active", ""),
        *(
            []
            if everything["n_open"] is None
            else [(whole("n_open", "Journeys still open, all days", everything), "still open", "not in the rates")]
        ),
    ]
