# %% [markdown]
# # What if?
# How many more journeys would succeed if fewer people left the checkout? Run `make demo` first, or point WORKSPACE elsewhere.

# %%
import os

import journey_mining as jm

workspace = os.environ.get("WORKSPACE", "demo")
log = jm.open(f"{workspace}/current/journeys.duckdb")

# %% [markdown]
# Journeys as a chain of stages: from each, how likely is success, how many visits and how much time lie ahead?

# %%
chain = log.markov()
chain.table[["stage", "n_journeys", "success_probability", "success_low", "success_high", "expected_visits"]]

# %%
chain.figure()

# %% [markdown]
# Such a chain forgets how one came to a stage. How much is lost by that?

# %%
log.order_test().table[["order", "bits_per_move", "is_best"]]

# %% [markdown]
# Drop-off at the checkout down to a tenth of its visits; seven of ten carts to the checkout; and both.

# %%
changed = log.what_if({"checkout": 0.1, ("cart", "checkout"): 0.7})
changed.table[
    ["from", "to", "probability_now", "probability_then", "success_then", "more_successes", "more_low", "more_high"]
]

# %%
changed.figure()

# %% [markdown]
# Do journeys go as they were designed? The marks of the stages are in `journey.yaml`.

# %%
design = jm.designed_path(f"{workspace}/current/journeys.duckdb")
log.conformance(design).figure()

# %%
log.insertions([design[0], design[-1]]).figure()

# %%
log.close()
