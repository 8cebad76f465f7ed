-- lifecycle: one row per period, from the first with a step to the one as-of is in.  key: period_on
-- reads: acts, periods, observed
WITH active AS MATERIALIZED (
    SELECT person_no, period_no FROM acts GROUP BY person_no, period_no
),
followed AS (
    SELECT period_no, lag(period_no) OVER (PARTITION BY person_no ORDER BY period_no) AS previous_no FROM active
),
counted AS (
    SELECT
        period_no,
        count(*) AS n_people,
        count(*) FILTER (previous_no IS NULL) AS n_new,
        count(*) FILTER (previous_no = period_no - 1) AS n_returning,
        count(*) FILTER (previous_no < period_no - 1) AS n_resurrected
    FROM followed
    GROUP BY period_no
),
filled AS (
    SELECT
        period_no, period_on, is_over,
        coalesce(n_people, 0) AS n_people,
        coalesce(n_new, 0) AS n_new,
        coalesce(n_returning, 0) AS n_returning,
        coalesce(n_resurrected, 0) AS n_resurrected
    FROM periods LEFT JOIN counted USING (period_no)
    WHERE (SELECT count(*) FROM counted) > 0 AND starts_at <= (SELECT as_of FROM observed)
)
SELECT
    period_on,
    n_people::BIGINT AS n_people,
    n_new::BIGINT AS n_new,
    n_returning::BIGINT AS n_returning,
    n_resurrected::BIGINT AS n_resurrected,
    (coalesce(lag(n_people) OVER (ORDER BY period_no), 0) - n_returning)::BIGINT AS n_dormant,
    is_over AS is_finished
FROM filled
ORDER BY period_on;
