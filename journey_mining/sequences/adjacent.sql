-- extended: the places of the sequences found last, one visit further.
-- reads: occurrences, played
CREATE OR REPLACE TEMP TABLE extended AS
SELECT played.journey_no, played.visit_number, sequence_no AS parent_no, name
FROM occurrences JOIN played
    ON played.journey_no = occurrences.journey_no AND played.visit_number = occurrences.visit_number + 1;
