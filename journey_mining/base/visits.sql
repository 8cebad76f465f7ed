-- visits: one row per visit, a run of consecutive steps with one name; or one step, where every step counts.
-- key: journey_no, visit_number.  seconds_before: from the last step of the visit before to the first of this one.
-- reads: steps, $is_every_step_counted
CREATE TABLE visits AS
WITH followed AS (
    SELECT
        journey_no, step_number, name, occurred_at,
        lag(name) OVER in_order AS previous_name,
        lag(occurred_at) OVER in_order AS previous_at
    FROM steps
    WINDOW in_order AS (PARTITION BY journey_no ORDER BY step_number)
),
entered AS (
    SELECT * FROM followed WHERE $is_every_step_counted OR previous_name IS DISTINCT FROM name
)
SELECT
    journey_no,
    (row_number() OVER in_order)::INTEGER AS visit_number,
    step_number,
    name,
    occurred_at AS entered_at,
    previous_name,
    (epoch_us(occurred_at) - epoch_us(previous_at)) / 1e6 AS seconds_before,
    lead(name) OVER in_order IS NULL AS is_last
FROM entered
WINDOW in_order AS (PARTITION BY journey_no ORDER BY step_number);
