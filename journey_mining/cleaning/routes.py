"""Templates of routes, such as /user/[id], found in the paths themselves."""

import pandas as pd

from journey_mining.cleaning.renaming import script
from journey_mining.errors import ArgumentError, require_whole
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened

DEEPEST = 12
"""Parts of a path that are looked at; what lies deeper is cut off its template."""


def route_templates(steps: Steps, by: By | None = None, many: int = 20, share: float = 0.05) -> pd.DataFrame:
    """Propose templates for names that are paths (they begin with `/`); `Log.use_routes` takes them over.

    One row per template that stands for something else than itself, the most used first: template, n_steps,
    n_distinct (names), examples (the three most used). A part that is a number, a UUID or a hash is `[id]`; where more
    than `many` parts follow one beginning that hold less than a `share` of its steps each, those are `[name]`. What
    follows `?` or `#` is left out, and so are slashes at the end: `/home/` is `/home`.

    >>> steps = pd.DataFrame({"journey_id": ["a"] * 3, "person_id": ["ann"] * 3, "step_number": [1, 2, 3],
    ...     "occurred_at": pd.Timestamp("2024-05-01"), "event": ["/user/7", "/user/12?tab=2", "/home"]})
    >>> route_templates(steps)[["template", "n_steps", "n_distinct"]]
         template  n_steps  n_distinct
    0  /user/[id]        2           2
    """
    with opened(steps, by) as analysis:
        analysis.run("cleaning/known")
        analysis.run("cleaning/names", {"by": analysis.by})
        for query, parameters in _queries(many, share):
            analysis.run(f"cleaning/{query}", parameters)
        return analysis.table("cleaning/route_templates")


def routes_script(many: int, share: float) -> list[str]:
    """Return the statements that call each path by its template."""
    return [script(query, parameters) for query, parameters in (*_queries(many, share), ("route_names", None))]


def _queries(many: int, share: float) -> list[tuple[str, dict[str, object] | None]]:
    require_whole(1, many=many)
    if not (isinstance(share, int | float) and 0 <= share <= 1):
        raise ArgumentError(f"share: between 0 and 1, not {share!r}")
    depths = range(2, DEEPEST + 2)
    parts: list[tuple[str, dict[str, object] | None]] = [
        ("route_part", {"depth": depth, "many": many, "share": share}) for depth in depths
    ]
    return [("masked", None), ("routes", None), *parts]
