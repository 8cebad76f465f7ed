-- states: one row per state that a journey was in: here its touches up to its finish, a touch being a run of steps
-- with one value; steps without a value are none.  key: journey_no, place
-- reads: valued_steps (journey_no, step_number, occurred_at, value), finishes, $is_success_a_touch
CREATE TEMP TABLE states AS
WITH followed AS (
    SELECT
        journey_no, step_number, value, occurred_at,
        lag(value) OVER (PARTITION BY journey_no ORDER BY step_number) AS previous_value
    FROM valued_steps JOIN finishes USING (journey_no)
    WHERE value IS NOT NULL
        AND step_number <= last_step
        AND ($is_success_a_touch OR step_number < last_step OR end_name <> '(success)')
)
SELECT
    journey_no,
    (row_number() OVER (PARTITION BY journey_no ORDER BY step_number))::INTEGER AS place,
    value AS name,
    occurred_at AS entered_at
FROM followed
WHERE value IS DISTINCT FROM previous_value;
