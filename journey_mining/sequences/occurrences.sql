-- occurrences: one row per place of a sequence that was found frequent last.  key: journey_no, visit_number, sequence_no
-- reads: extended, level
CREATE OR REPLACE TEMP TABLE occurrences AS
SELECT journey_no, visit_number, sequence_no FROM extended JOIN level USING (parent_no, name);
