-- retention: one row per cohort and offset whose time has begun, and one over all finished cohorts.  key: cohort, offset
-- reads: entries, hits, periods, observed, $clock, $length (an interval), $offsets
WITH sizes AS (
    SELECT cohort_no, count(*) AS n_people FROM entries GROUP BY cohort_no
),
-- By the calendar everybody's offset begins and ends at once; by 24 hours with the first and the last entry possible.
cells AS MATERIALIZED (
    SELECT
        cohort_no, "offset", own.period_on, n_people,
        CASE WHEN $clock = 'calendar' THEN that.starts_at ELSE own.starts_at + "offset" * $length::INTERVAL END <= as_of
            AS is_begun,
        CASE WHEN $clock = 'calendar' THEN that.ends_at ELSE own.ends_at + ("offset" + 1) * $length::INTERVAL END <= as_of
            AS is_finished
    FROM sizes
    CROSS JOIN (SELECT unnest(range(0, $offsets + 1))::INTEGER AS "offset")
    CROSS JOIN observed
    JOIN periods AS own ON own.period_no = cohort_no
    LEFT JOIN periods AS that ON that.period_no = cohort_no + "offset"
),
-- A person is in a cohort once: a cluster with one unit.
of_cohort AS (
    SELECT cohort_no, "offset", count(*) AS n_back FROM hits GROUP BY cohort_no, "offset"
),
-- A person may be in several cohorts that recur.
units AS (
    SELECT person_no, "offset", count(*) AS n_units
    FROM cells JOIN entries USING (cohort_no)
    WHERE is_finished
    GROUP BY person_no, "offset"
),
returns AS (
    SELECT person_no, "offset", count(*) AS n_hits
    FROM hits JOIN cells USING (cohort_no, "offset")
    WHERE is_finished
    GROUP BY person_no, "offset"
),
of_all AS (
    SELECT
        "offset",
        sum(n_units) AS n_people,
        coalesce(sum(n_hits), 0) AS n_back,
        clustered_error(coalesce(n_hits, 0), n_units) AS error
    FROM units LEFT JOIN returns USING (person_no, "offset")
    GROUP BY "offset"
),
counted AS (
    SELECT
        period_on::VARCHAR AS cohort, "offset", 1 AS n_cohorts, n_people, coalesce(n_back, 0) AS n_back,
        error_of_sums(n_people, coalesce(n_back, 0), coalesce(n_back, 0), coalesce(n_back, 0), n_people, n_people) AS error,
        coalesce(is_finished, FALSE) AS is_finished
    FROM cells LEFT JOIN of_cohort USING (cohort_no, "offset")
    WHERE is_begun
    UNION ALL
    SELECT '(all)', "offset", n_cohorts, n_people, n_back, error, TRUE
    FROM of_all JOIN (
        SELECT "offset", count(*) AS n_cohorts FROM cells WHERE is_finished GROUP BY "offset"
    ) USING ("offset")
)
SELECT
    cohort,
    "offset"::BIGINT AS "offset",
    n_cohorts::BIGINT AS n_cohorts,
    n_people::BIGINT AS n_people,
    n_back::BIGINT AS n_back,
    n_back / n_people AS rate,
    wilson_low(rate, effective_units(rate, error, n_people)) AS low,
    wilson_high(rate, effective_units(rate, error, n_people)) AS high,
    is_finished
FROM counted
ORDER BY cohort, "offset";
