# %% [markdown]
# # A first look
# What a published workspace holds, and how to mine its journeys further. Run `make demo` first, or point WORKSPACE elsewhere.

# %%
import os

import duckdb

import journey_mining as jm

workspace = os.environ.get("WORKSPACE", "demo")
con = duckdb.connect(f"{workspace}/current/journeys.duckdb", read_only=True)
con.sql("FROM build")

# %% [markdown]
# Every table explains itself.

# %%
con.sql("SELECT table_name, comment FROM duckdb_tables() ORDER BY table_name")

# %% [markdown]
# The KPIs of everyone, against their targets.

# %%
con.sql("""
    SELECT kpi, round(value, 3) AS value, round(low, 3) AS low, round(high, 3) AS high, n_units, target, status
    FROM kpi_status WHERE persona = '(all)' AND period = 'all'
""")

# %% [markdown]
# The steps of one journey are all that the library needs; filter them as you like before.

# %%
first_journey = con.execute("SELECT journey FROM journey_definitions ORDER BY position").fetchall()[0][0]
steps = con.execute(
    """
    SELECT s.journey_id, s.person_id, s.step_number, s.occurred_at, s.stage, s.touchpoint, o.outcome
    FROM journey_steps AS s JOIN journey_outcomes AS o USING (journey_id)
    WHERE s.journey = $journey
""",
    {"journey": first_journey},
).fetchdf()

# %%
moves = jm.transitions(steps)
moves.head(10)

# %%
graph = jm.transition_graph(moves, jm.dropoff(steps))
sorted(graph.nodes)

# %%
stages = [
    stage
    for (stage,) in con.execute(
        "SELECT stage FROM stages WHERE journey = $journey ORDER BY position", {"journey": first_journey}
    ).fetchall()
]
jm.funnel(steps, stages)

# %%
con.close()
