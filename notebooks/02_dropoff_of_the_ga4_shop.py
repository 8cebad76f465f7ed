# %% [markdown]
# # Where the Google Merchandise Store loses its visitors
# The public GA4 sample: 32 days of a real shop, one row per event. Point JOURNEYS_DATA at the folder that holds
# `ga4/*.parquet` (examples/merchandise_store/README.md says where the data come from).

# %%
import os

import duckdb

import journey_mining as jm

folder = os.environ.get("JOURNEYS_DATA", "data")
con = duckdb.connect()
con.execute("SET VARIABLE files = $files", {"files": f"{folder}/ga4/*.parquet"})
events = con.sql("""
    SELECT user_pseudo_id AS visitor, event_name AS event, make_timestamp(event_timestamp) AS at, device.category AS device
    FROM read_parquet(getvariable('files'))
    WHERE event_name IN (
        'page_view', 'view_item', 'add_to_cart', 'begin_checkout', 'add_payment_info', 'purchase', 'view_search_results'
    )
    ORDER BY event_timestamp, event_bundle_sequence_id, event_name
""")
log = jm.from_duckdb(events, person="visitor", event="event", time="at", keep=["device"])

# %% [markdown]
# How many of those who look at an item buy within a day? Who looked on the last day has not had that day: they are in
# `n_open`, and in no rate.

# %%
stages = ["view_item", "add_to_cart", "begin_checkout", "add_payment_info", "purchase"]
bought = log.funnel(stages, "1d")
bought.table

# %%
bought.figure()

# %% [markdown]
# The widest step is from looking to the cart. What do they do instead?

# %%
instead = log.after_dropoff(stages, window="1d")
instead.table.head(12)

# %% [markdown]
# How soon do they decide? The curve counts those who are still undecided as what they are: not yet observed.

# %%
log.conversion_curve(["add_to_cart", "purchase"], window="7d").figure()

# %% [markdown]
# Visits are sessions with half an hour of silence between them. Step by step, and as a graph:

# %%
visits = log.sessions("30m").collapse()
visits.sankey(max_steps=6, top=5).figure()

# %%
visits.transitions().figure()

# %% [markdown]
# Phones against the rest, step for step, corrected for the number of comparisons.

# %%
visits.transition_diff("device", "mobile").table.head(10)

# %%
log.close()
con.close()
