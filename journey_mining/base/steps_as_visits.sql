-- visits: one row per step, where every step counts as a visit.  key: journey_no, visit_number
-- seconds_before: from the step before to this one. A view, since what a query does not ask for costs nothing, and the
-- step before is the row before (see visits.sql).
-- reads: steps
CREATE VIEW visits AS
SELECT
    journey_no,
    step_number AS visit_number,
    step_number,
    name,
    occurred_at AS entered_at,
    CASE WHEN step_number > 1 THEN lag(name) OVER () END AS previous_name,
    CASE WHEN step_number > 1 THEN (epoch_us(occurred_at) - epoch_us(lag(occurred_at) OVER ())) / 1e6 END
        AS seconds_before,
    coalesce(lead(step_number) OVER () = 1, TRUE) AS is_last
FROM steps;
