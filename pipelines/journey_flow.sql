-- journey_flow: one row per mature journey and pair of columns it connects.  key: journey_id, step
-- Column 0 is (start), column k a journey's k-th stage visit; an ended journey leaves at the next column. Who still goes
-- on after $max_visits of them: what became of it is in end_name, on every row of the journey.
-- A journey that no person is known for counts as a person of its own.
-- reads: journey_steps, journey_outcomes, $journey, $max_visits
WITH stages AS (
    SELECT journey_id, visit_number, any_value(stage) AS stage
    FROM journey_steps
    WHERE journey = $journey AND visit_number <= $max_visits + 1
    GROUP BY journey_id, visit_number
),
visits AS (
    SELECT
        o.persona, o.journey_id, coalesce('person ' || o.person_id, 'journey ' || o.journey_id) AS person_id,
        '(' || CASE o.outcome WHEN 'succeeded' THEN 'success' ELSE o.outcome END || ')' AS end_name,
        s.visit_number, s.stage, lead(s.stage) OVER (PARTITION BY s.journey_id ORDER BY s.visit_number) AS next_stage
    FROM stages AS s
    JOIN journey_outcomes AS o ON o.journey = $journey AND o.journey_id = s.journey_id
    WHERE o.is_mature
),
ways AS (
    SELECT persona, person_id, journey_id, 0::BIGINT AS step, '(start)' AS source, stage AS target, end_name
    FROM visits
    WHERE visit_number = 1
    UNION ALL
    SELECT persona, person_id, journey_id, visit_number, stage, coalesce(next_stage, end_name), end_name
    FROM visits
    WHERE visit_number <= $max_visits
)
-- People as numbers: they are only compared.
SELECT persona, dense_rank() OVER (ORDER BY person_id) AS person, step, source, target, end_name
FROM ways
ORDER BY journey_id, step;
