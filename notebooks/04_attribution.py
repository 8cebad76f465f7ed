# %% [markdown]
# # What is a channel worth?
# Seven rules give seven answers; none is the truth. Run `make demo` first, or point WORKSPACE elsewhere.

# %%
import os

import journey_mining as jm

workspace = os.environ.get("WORKSPACE", "demo")
log = jm.open(f"{workspace}/current/journeys.duckdb", keep=["campaign_source"])

# %% [markdown]
# What brought people to the purchase: the campaign of each touch, up to the success.

# %%
credit = log.filter("campaign_source IS NOT NULL OR stage = 'purchase'").attribution(
    of="campaign_source", success="purchase"
)
credit.table.pivot(index="campaign_source", columns="rule", values="share").round(3)

# %%
credit.figure()

# %% [markdown]
# What would be lost without a channel, if who came by it had stayed away: an upper bound, and not what an experiment says.

# %%
log.removal_effects(of="channel").table[["channel", "n_people", "removal_effect", "effect_low", "effect_high"]]

# %%
log.close()
