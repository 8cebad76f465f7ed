-- extended: the sequences found last, further by each name that comes later; its earliest place leaves most room.
-- reads: occurrences, played
CREATE OR REPLACE TEMP TABLE extended AS
SELECT wanted.journey_no, played.visit_number, wanted.sequence_no AS parent_no, wanted.name
FROM (
    SELECT occurrences.*, name
    FROM occurrences JOIN (SELECT DISTINCT journey_no, name FROM played) AS names USING (journey_no)
) AS wanted
ASOF JOIN played
    ON played.journey_no = wanted.journey_no AND played.name = wanted.name
    AND played.visit_number > wanted.visit_number;
