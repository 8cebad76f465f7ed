-- visits: one row per visit, a run of consecutive steps with one name.  key: journey_no, visit_number
-- seconds_before: from the last step of the visit before to the first of this one.
-- Rows lie in the order of their key, so the row before is the step before unless a journey begins: no window needs
-- to sort.
-- reads: steps
CREATE TABLE visits AS
WITH followed AS (
    SELECT
        journey_no, step_number, name, occurred_at,
        CASE WHEN step_number > 1 THEN lag(name) OVER () END AS previous_name,
        CASE WHEN step_number > 1 THEN lag(occurred_at) OVER () END AS previous_at
    FROM steps
),
entered AS (
    SELECT
        *,
        row_number() OVER () AS place,
        coalesce(lead(step_number) OVER () = 1, TRUE) AS is_last
    FROM followed
    WHERE previous_name IS DISTINCT FROM name
)
SELECT
    journey_no,
    (place + 1 - max(CASE WHEN step_number = 1 THEN place END) OVER (ROWS UNBOUNDED PRECEDING))::INTEGER AS visit_number,
    step_number,
    name,
    occurred_at AS entered_at,
    previous_name,
    (epoch_us(occurred_at) - epoch_us(previous_at)) / 1e6 AS seconds_before,
    is_last
FROM entered;
