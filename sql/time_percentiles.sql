-- time_percentiles: one row per stage, or move between two, persona and period: median and 90th percentile of the seconds.
-- key: journey, stage, next_stage, persona, period
-- partition: none
-- publish: no
-- reads: time_counts
-- Continuous: between two values, as far as the rank lies between theirs.
-- Numbers of seconds are many: ranks are looked for among buckets of them first, and only buckets that hold one are put in order.
WITH counts AS (
    SELECT *, CAST(floor(8 * sqrt(sqrt(seconds))) AS BIGINT) AS bucket FROM time_counts
),
buckets AS (
    SELECT journey, stage, next_stage, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, bucket, min(seconds) AS seconds,
        sum(n) AS n
    FROM counts
    GROUP BY GROUPING SETS ((journey, stage, next_stage, period, bucket, persona), (journey, stage, next_stage, period, bucket))
),
placed AS (
    SELECT journey, stage, next_stage, persona, period, bucket, n,
        sum(n) OVER (
            PARTITION BY journey, stage, next_stage, persona, period ORDER BY seconds ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place,
        sum(n) OVER (PARTITION BY journey, stage, next_stage, persona, period) - 1 AS last_place
    FROM buckets
),
wanted AS (
    SELECT journey, stage, next_stage, persona, period, bucket, place - n AS place_before, last_place
    FROM placed
    WHERE floor(0.5 * last_place) BETWEEN place - n AND place - 1 OR ceil(0.5 * last_place) BETWEEN place - n AND place - 1
        OR floor(0.9 * last_place) BETWEEN place - n AND place - 1 OR ceil(0.9 * last_place) BETWEEN place - n AND place - 1
),
ranked AS (
    SELECT wanted.journey, wanted.stage, wanted.next_stage, wanted.persona, wanted.period, counts.seconds, wanted.last_place,
        wanted.place_before + sum(counts.n) OVER (
            PARTITION BY wanted.journey, wanted.stage, wanted.next_stage, wanted.persona, wanted.period, wanted.bucket
            ORDER BY counts.seconds ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place
    FROM wanted
    JOIN counts
        ON wanted.journey = counts.journey AND wanted.stage = counts.stage AND wanted.next_stage = counts.next_stage
        AND wanted.period = counts.period AND wanted.bucket = counts.bucket AND (wanted.persona = counts.persona OR wanted.persona = '(all)')
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
