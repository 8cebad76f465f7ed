-- extended: one row per place where a sequence of one name is. With gaps the first in a journey says it all.
-- reads: played, $is_gapped
CREATE OR REPLACE TEMP TABLE extended AS
SELECT journey_no, visit_number, 0 AS parent_no, name FROM played WHERE NOT $is_gapped
UNION ALL
SELECT journey_no, min(visit_number), 0, name FROM played WHERE $is_gapped GROUP BY journey_no, name;
