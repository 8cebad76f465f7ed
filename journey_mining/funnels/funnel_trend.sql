-- funnel_trend: one row per local day of entry, from the first to the last.  key: entered_on
-- A day is finished when no attempt that entered on it can be open; only then is it in the average.
-- reads: counted, local_days, quarters, observed, $matures_us, $as_of
WITH dated AS (
    SELECT counted.*, day_no
    FROM counted JOIN quarters ON time_bucket(INTERVAL 15 MINUTES, make_timestamp(entered_at)) = quarter_at
),
days AS (
    SELECT day_no, period_on::DATE AS entered_on, ends_at
    FROM local_days
    WHERE day_no BETWEEN (SELECT min(day_no) FROM dated) AND (SELECT max(day_no) FROM dated)
),
clusters AS (
    SELECT
        day_no, cluster_no, person_no,
        count(*) FILTER (NOT is_open) AS n_units,
        count(*) FILTER (NOT is_open AND is_converted) AS n_hits,
        count(*) FILTER (is_open) AS n_open
    FROM dated
    GROUP BY ALL
),
rates AS (
    SELECT
        entered_on,
        ends_at,
        coalesce(sum(n_units), 0)::BIGINT AS n_entries,
        count(person_no) FILTER (n_units > 0) AS n_people,
        coalesce(sum(n_hits), 0)::BIGINT AS n_converted,
        coalesce(sum(n_open), 0)::BIGINT AS n_open,
        sum(n_hits) / nullif(sum(n_units), 0) AS rate,
        clustered_error(n_hits, n_units) AS error
    FROM days LEFT JOIN clusters USING (day_no)
    GROUP BY entered_on, ends_at
),
judged AS (
    SELECT
        rates.*,
        n_open = 0
            AND epoch_us(ends_at) + coalesce($matures_us, 0)
            <= epoch_us(coalesce($as_of::TIMESTAMP, observed.as_of)) AS is_finished
    FROM rates, observed
)
SELECT
    entered_on,
    n_entries,
    n_people,
    n_converted,
    rate AS conversion_rate,
    wilson_low(rate, effective_units(rate, error, n_entries)) AS conversion_low,
    wilson_high(rate, effective_units(rate, error, n_entries)) AS conversion_high,
    n_open,
    is_finished,
    sum(n_converted) FILTER (is_finished) OVER () / nullif(sum(n_entries) FILTER (is_finished) OVER (), 0)
        AS average_rate
FROM judged
ORDER BY entered_on;
