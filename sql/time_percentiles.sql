-- time_percentiles: one row per stage, or move between two, persona and period: median and 90th percentile of the seconds.
-- key: journey, stage, next_stage, persona, period
-- partition: none
-- publish: no
-- reads: time_counts
-- Continuous: between two values, as far as the rank lies between theirs.
WITH grouped AS (
    SELECT journey, stage, next_stage, persona, period, seconds, n FROM time_counts
    UNION ALL
    SELECT journey, stage, next_stage, '(all)', period, seconds, sum(n) FROM time_counts GROUP BY journey, stage, next_stage, period, seconds
),
ranked AS (
    SELECT journey, stage, next_stage, persona, period, seconds,
        sum(n) OVER (
            PARTITION BY journey, stage, next_stage, persona, period ORDER BY seconds ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place,
        sum(n) OVER (PARTITION BY journey, stage, next_stage, persona, period) - 1 AS last_place
    FROM grouped
),
bounds AS (
    SELECT journey, stage, next_stage, persona, period, max(last_place) AS last_place,
        min(CASE WHEN place > floor(0.5 * last_place) THEN seconds END) AS median_low, min(CASE WHEN place > ceil(0.5 * last_place) THEN seconds END) AS median_high,
        min(CASE WHEN place > floor(0.9 * last_place) THEN seconds END) AS p90_low, min(CASE WHEN place > ceil(0.9 * last_place) THEN seconds END) AS p90_high
    FROM ranked
    GROUP BY journey, stage, next_stage, persona, period
)
SELECT journey, stage, next_stage, persona, period,
    median_low + (median_high - median_low) * CAST(0.5 * last_place - floor(0.5 * last_place) AS DOUBLE) AS median_seconds,
    p90_low + (p90_high - p90_low) * CAST(0.9 * last_place - floor(0.9 * last_place) AS DOUBLE) AS p90_seconds
FROM bounds;
