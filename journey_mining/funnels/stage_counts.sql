-- stage_counts: one row per segment and stage: who came there, of those at the stage before.  key: segment, position
-- An optional stage is not in the way of the one after it: both are counted over the last stage one has to come through.
-- What is open is only in n_open. Without a breakdown the one segment is NULL, and is there if nobody entered.
-- reads: stages, reached, counted, $is_whole
CREATE TEMP TABLE stage_counts AS
WITH units AS MATERIALIZED (
    SELECT
        stages.position, segment, cluster_no, counted.journey_no, is_open,
        here.at_us IS NOT NULL AS is_here,
        (here.at_us - earlier.at_us) / 1e6 AS seconds
    FROM stages
    JOIN reached AS earlier ON earlier.position = coalesce(stages.previous_position, stages.position)
    JOIN counted ON counted.sequence_no = earlier.sequence_no AND counted.entry_step = earlier.entry_step
    LEFT JOIN reached AS here
        ON here.position = stages.position
        AND here.sequence_no = earlier.sequence_no AND here.entry_step = earlier.entry_step
),
clusters AS (
    SELECT
        position, segment, cluster_no,
        count(*) FILTER (NOT is_open) AS n_units,
        count(*) FILTER (NOT is_open AND is_here) AS n_hits,
        count(*) FILTER (is_open AND is_here) AS n_open
    FROM units
    GROUP BY position, segment, cluster_no
),
-- Several attempts may be one journey's.
came AS (
    SELECT position, segment, count(*) AS n_journeys
    FROM (SELECT DISTINCT position, segment, journey_no FROM units WHERE is_here AND NOT is_open) AS there
    GROUP BY position, segment
),
segments AS (
    SELECT DISTINCT segment FROM counted
    UNION
    SELECT NULL WHERE $is_whole
),
rates AS (
    SELECT
        segments.segment,
        stages.position,
        stages.stage,
        coalesce(sum(n_units), 0)::BIGINT AS n_units,
        coalesce(sum(n_hits), 0)::BIGINT AS n_entries,
        count(*) FILTER (n_hits > 0 AND cluster_no > 0) AS n_people,
        coalesce(sum(n_open), 0)::BIGINT AS n_open,
        sum(n_hits) / nullif(sum(n_units), 0) AS rate,
        clustered_error(n_hits, n_units) AS error
    FROM segments
    CROSS JOIN stages
    LEFT JOIN clusters
        ON clusters.position = stages.position AND clusters.segment IS NOT DISTINCT FROM segments.segment
    GROUP BY segments.segment, stages.position, stages.stage
),
times AS (
    SELECT position, segment, quantile_cont(seconds, 0.5) AS median_seconds
    FROM units
    WHERE is_here AND NOT is_open AND position > 1
    GROUP BY position, segment
)
SELECT
    rates.segment,
    rates.stage,
    rates.position::BIGINT AS position,
    n_entries,
    coalesce(n_journeys, 0) AS n_journeys,
    n_people,
    n_entries / nullif(first_value(n_entries) OVER (PARTITION BY rates.segment ORDER BY rates.position), 0)
        AS share_of_first,
    CASE WHEN rates.position > 1 THEN rate END AS share_of_previous,
    n_units - n_entries AS n_lost,
    CASE WHEN rates.position > 1 THEN wilson_low(rate, effective_units(rate, error, n_units)) END AS low,
    CASE WHEN rates.position > 1 THEN wilson_high(rate, effective_units(rate, error, n_units)) END AS high,
    median_seconds,
    n_open
FROM rates
LEFT JOIN came ON came.position = rates.position AND came.segment IS NOT DISTINCT FROM rates.segment
LEFT JOIN times ON times.position = rates.position AND times.segment IS NOT DISTINCT FROM rates.segment;
