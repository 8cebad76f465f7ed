-- funnel: one row per position of the funnel, in its order.  key: position
-- A journey came as far as its best chain: the longest, then the earliest. Open journeys are only in n_open.
-- reads: chains, wanted, journeys
WITH best AS (
    SELECT journey_no, position, reached_at
    FROM chains
    QUALIFY entered_at = first_value(entered_at) OVER (PARTITION BY journey_no ORDER BY position DESC, entered_at)
),
reached AS (
    SELECT
        *,
        max(position) OVER (PARTITION BY journey_no) AS depth,
        (epoch_us(reached_at) - lag(epoch_us(reached_at)) OVER (PARTITION BY journey_no ORDER BY position)) / 1e6
            AS seconds
    FROM best JOIN journeys USING (journey_no)
),
-- units: journeys at the stage before; hits: those of them that came this far
clusters AS (
    SELECT
        wanted.position, cluster_no, person_no,
        count(*) FILTER (NOT is_open) AS n_units,
        count(*) FILTER (NOT is_open AND depth >= wanted.position) AS n_hits,
        count(*) FILTER (is_open AND depth >= wanted.position) AS n_open
    FROM wanted JOIN reached ON reached.position = greatest(wanted.position - 1, 1)
    GROUP BY ALL
),
rates AS (
    SELECT
        position,
        name,
        coalesce(sum(n_units), 0)::BIGINT AS n_units,
        coalesce(sum(n_hits), 0)::BIGINT AS n_journeys,
        count(person_no) FILTER (n_hits > 0) AS n_people,
        coalesce(sum(n_open), 0)::BIGINT AS n_open,
        sum(n_hits) / nullif(sum(n_units), 0) AS rate,
        clustered_error(n_hits, n_units) AS error
    FROM wanted LEFT JOIN clusters USING (position)
    GROUP BY position, name
),
times AS (
    SELECT position, quantile_cont(seconds, 0.5) AS median_seconds
    FROM reached
    WHERE NOT is_open
    GROUP BY position
)
SELECT
    name AS stage,
    position::BIGINT AS position,
    n_journeys,
    n_people,
    n_journeys / nullif(first_value(n_journeys) OVER (ORDER BY position), 0) AS share_of_first,
    CASE WHEN position > 1 THEN rate END AS share_of_previous,
    n_units - n_journeys AS n_lost,
    CASE WHEN position > 1 THEN wilson_low(rate, effective_units(rate, error, n_units)) END AS low,
    CASE WHEN position > 1 THEN wilson_high(rate, effective_units(rate, error, n_units)) END AS high,
    median_seconds,
    n_open
FROM rates LEFT JOIN times USING (position)
ORDER BY position;
