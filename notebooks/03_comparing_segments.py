# %% [markdown]
# # Comparing segments
# Do journeys that begin on a phone go otherwise than the rest? Run `make demo` first, or point WORKSPACE elsewhere.

# %%
import os
from datetime import UTC, datetime

import journey_mining as jm

workspace = os.environ.get("WORKSPACE", "demo")
log = jm.open(f"{workspace}/current/journeys.duckdb", keep=["device_type"])

# %% [markdown]
# Success, reach and drop-off of both, the surest difference first. A segment is what was known when a journey began.

# %%
phones = log.compare("device_type", "mobile")
phones.table.head(8)

# %%
phones.figure()

# %% [markdown]
# How different are the ways as a whole, and would chance alone do that?

# %%
log.distance("device_type", "mobile").table

# %% [markdown]
# Where exactly: the steps of one less the steps of the other, shown where it is more than chance.

# %%
mobile, desktop = (
    log.segment("device_type", device).step_matrix(max_steps=6, top=None) for device in ("mobile", "desktop")
)
jm.step_matrix_figure(jm.share_difference(mobile.table, desktop.table))

# %% [markdown]
# Before and after an instant: from 8 February on, for six days, the payment provider of the demo's shop refused most payments.

# %%
log.before_and_after(datetime(2026, 2, 8, tzinfo=UTC)).table.head(6)

# %%
log.close()
