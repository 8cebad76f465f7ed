-- ended: one row per counted attempt: the stage it stood on at its end, and where its journey went from there: the next
-- visit, or how the journey ended.  key: sequence_no, entry_step
-- reads: counted, reached, stages, visits, journeys
CREATE TEMP TABLE ended AS
SELECT
    counted.*, stage, reached.at_us AS left_at,
    coalesce(visits.name, end_name)::VARCHAR AS next
FROM counted
JOIN reached
    ON reached.sequence_no = counted.sequence_no AND reached.entry_step = counted.entry_step
    AND reached.position = counted.depth
JOIN stages ON stages.position = counted.depth
JOIN journeys ON journeys.journey_no = reached.journey_no
ASOF LEFT JOIN visits ON visits.journey_no = reached.journey_no AND visits.step_number > reached.journey_step;
