-- sequences: one row per step an attempt may take: those of a journey or of a person with the same values in the held
-- columns, in the order of time. A step without a value in one of them belongs to none.  key: sequence_no, step_number
-- unit_no: what is counted: a journey, or a person (a journey of nobody stands for a person).
-- reads: held_steps, journeys, $is_by_person
CREATE TEMP TABLE sequences AS
WITH kept AS (
    SELECT held_steps.*, CASE WHEN $is_by_person THEN cluster_no ELSE journey_no END AS unit_no
    FROM held_steps JOIN journeys USING (journey_no)
    WHERE held IS NULL OR len(list_filter(held, lambda one: one IS NULL)) = 0
),
found AS (
    SELECT unit_no, held, (row_number() OVER (ORDER BY unit_no, held))::INTEGER AS sequence_no
    FROM (SELECT DISTINCT unit_no, held FROM kept)
)
SELECT
    sequence_no,
    kept.unit_no,
    (row_number() OVER (
        PARTITION BY sequence_no ORDER BY occurred_at, journey_no, step_number
    ))::INTEGER AS step_number,
    name, epoch_us(occurred_at) AS at_us, journey_no, kept.step_number AS journey_step, value
FROM kept JOIN found ON kept.unit_no = found.unit_no AND kept.held IS NOT DISTINCT FROM found.held;
