"""What cleaning changed, so that nothing is dropped or merged in silence."""

import pandas as pd

from journey_mining.steps import Steps, mined


def changes(steps: Steps) -> pd.DataFrame:
    """Return what was cleaned in a log: one row per cleaning and name that it changed, in order.

    Columns: position (of the cleaning), did ('renamed', 'masked', 'templated', 'grouped', 'collapsed'), name, new_name
    (NULL: the step is left out), n_steps (how many steps it was). A log that nobody cleaned has no rows.
    """
    return mined("cleaning/changes", steps)
