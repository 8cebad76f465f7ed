-- roles: one row per name of a step.  key: name
-- is_start, is_back: whether a step of this name is a start, or a return.
-- reads: steps, $start, $back (lists of names; NULL = any)
CREATE TEMP TABLE roles AS
SELECT
    name,
    $start IS NULL OR list_contains($start::VARCHAR[], name::VARCHAR) AS is_start,
    $back IS NULL OR list_contains($back::VARCHAR[], name::VARCHAR) AS is_back
FROM (SELECT DISTINCT name FROM steps);

-- acts: one row per step of somebody's that is a start or a return, with its local day, up to the end of what is known.
-- reads: steps, journeys, roles, quarters, observed
CREATE TEMP TABLE acts AS
SELECT person_no, occurred_at, day_no::INTEGER AS day_no, period_no::INTEGER AS period_no, is_start, is_back
FROM steps
JOIN journeys USING (journey_no)
JOIN roles USING (name)
JOIN quarters ON time_bucket(INTERVAL 15 MINUTES, occurred_at) = quarter_at
CROSS JOIN observed
WHERE person_no IS NOT NULL AND (is_start OR is_back) AND occurred_at <= as_of;

-- periods: one row per period.  key: period_no.  is_over: what happens in it is all observed.
-- reads: local_days, observed
CREATE TEMP TABLE periods AS
SELECT
    period_no::INTEGER AS period_no,
    period_on::DATE AS period_on,
    min(starts_at) AS starts_at,
    max(ends_at) AS ends_at,
    min(ends_at) AS first_day_ends_at,
    count(DISTINCT day_no) AS n_days,
    max(ends_at) <= any_value(as_of) AS is_over
FROM local_days CROSS JOIN observed
GROUP BY period_no, period_on;
