-- stickiness: one row per period and number of days, and one over all whole periods.  key: period, n_days
-- reads: acts, periods, journeys
WITH active_days AS (
    SELECT person_no, period_no, day_no FROM acts GROUP BY ALL
),
active AS MATERIALIZED (
    SELECT person_no, period_no, count(*) AS n_days FROM active_days GROUP BY person_no, period_no
),
-- A log begins with its first step: that period is whole only if the step is on the first day of it.
known AS MATERIALIZED (
    SELECT
        period_no, period_on, n_days AS n_days_of_period,
        is_over AND (SELECT min(started_at) FROM journeys) < first_day_ends_at AS is_finished
    FROM periods
),
places AS (
    SELECT period_no, unnest(range(1, n_days_of_period + 1)) AS n_days FROM known
),
of_period AS (
    SELECT period_no, n_days, count(*) AS n_people FROM active GROUP BY period_no, n_days
),
by_person AS (
    SELECT person_no, n_days, count(*) AS n_hits
    FROM active JOIN known USING (period_no)
    WHERE is_finished
    GROUP BY person_no, n_days
),
units AS MATERIALIZED (
    SELECT person_no, sum(n_hits) AS n_units FROM by_person GROUP BY person_no
),
totals AS (
    SELECT count(*) AS n_clusters, sum(n_units) AS n_units, sum(n_units * n_units) AS units_units FROM units
),
of_all AS (
    SELECT n_days, sum(n_hits) AS n_hits, sum(n_hits * n_hits) AS hits_hits, sum(n_hits * n_units) AS hits_units
    FROM by_person JOIN units USING (person_no)
    GROUP BY n_days
),
counted AS (
    SELECT
        period_on::VARCHAR AS period,
        n_days,
        coalesce(n_people, 0) AS n_people,
        sum(coalesce(n_people, 0)) OVER (PARTITION BY period_no) AS n_active,
        error_of_sums(n_active, coalesce(n_people, 0), coalesce(n_people, 0), coalesce(n_people, 0), n_active, n_active) AS error,
        is_finished
    FROM places JOIN known USING (period_no) LEFT JOIN of_period USING (period_no, n_days)
    UNION ALL
    SELECT
        '(all)', places.n_days, coalesce(n_hits, 0), n_units,
        error_of_sums(
            n_clusters, coalesce(n_hits, 0), coalesce(hits_hits, 0), coalesce(hits_units, 0), n_units, units_units
        ),
        TRUE
    FROM (SELECT DISTINCT n_days FROM places JOIN known USING (period_no) WHERE is_finished) AS places
    CROSS JOIN totals
    LEFT JOIN of_all ON of_all.n_days = places.n_days
)
SELECT
    period,
    n_days::BIGINT AS n_days,
    n_people::BIGINT AS n_people,
    n_active::BIGINT AS n_active,
    n_people / nullif(n_active, 0) AS share,
    wilson_low(share, effective_units(share, error, n_active)) AS low,
    wilson_high(share, effective_units(share, error, n_active)) AS high,
    is_finished
FROM counted
WHERE n_active > 0
ORDER BY period, n_days;
