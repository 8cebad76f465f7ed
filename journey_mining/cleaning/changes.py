"""What cleaning changed, so that nothing is dropped or merged in silence."""

import pandas as pd

from journey_mining.steps import Steps, mined


def changes(steps: Steps) -> pd.DataFrame:
    """Return what was cleaned in a log: one row per cleaning and name that it changed, in order.

    Columns: position (of the cleaning), did ('renamed', 'masked', 'templated', 'grouped', 'collapsed'), name, new_name
    (NULL: the step is left out), n_steps (how many steps it was). A log that nobody cleaned has no rows.

    >>> from journey_mining import from_pandas
    >>> log = from_pandas(pd.DataFrame({"person": ["ann"] * 3, "event": ["home", "home", "/user/7"],
    ...     "time": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03"])}), person="person", event="event", time="time")
    >>> changes(log.collapse().mask_ids())[["did", "name", "new_name", "n_steps"]]
             did     name    new_name  n_steps
    0  collapsed     home         NaN        1
    1     masked  /user/7  /user/[id]        1
    """
    return mined("cleaning/changes", steps)
