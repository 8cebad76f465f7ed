"""Which ways between stages the map names: what is left of those it does not name is about k people too."""

from pipelines.told_ways import told_ways

K = 10


def ways(**n_people: int) -> list[dict[str, object]]:
    """Everybody of one persona, in all periods; each way out of `a` is gone once by so many people."""
    return [
        {
            "persona": persona,
            "period": "all",
            "from_stage": "a",
            "to_stage": stage,
            "n_transitions": n,
            "n_people": n,
            "n_journeys": n,
        }
        for persona in ("(all)", "new")
        for stage, n in n_people.items()
    ]


def told(rows: list[dict[str, object]]) -> set[str]:
    stages = {str(row["to_stage"]) for row in rows} | {"a", "(start)"}
    is_told = {(stage, persona, "all"): True for stage in stages for persona in ("(all)", "new")}
    return {cell[3] for cell in told_ways(rows, is_told, K) if cell[0] == "(all)"}


def test_the_same_two_people_on_five_rare_ways_are_two_people() -> None:
    """Ten visits are left beside the ways named, and may be two people's: a larger way has to be among them."""
    rare = {f"rare_{number}": 2 for number in range(5)}
    assert told(ways(b=38, **rare)) == set()
    assert told(ways(b=38, c=12, **rare)) == {"b"}


def test_where_nothing_is_rare_all_ways_are_named() -> None:
    assert told(ways(b=38, c=12)) == {"b", "c"}
