-- wanted_names, barred_names: one row per position of a pattern and name that it may have, and that may not lie in the
-- gap before it.  key: position, name
-- reads: pattern (position, kind, names, is_negated, gap_names, is_gap_negated), alphabet (name)
CREATE OR REPLACE TEMP TABLE wanted_names AS
SELECT position, name
FROM pattern, alphabet
WHERE kind = 'step' AND list_contains(names::VARCHAR[], name::VARCHAR) <> is_negated;

CREATE OR REPLACE TEMP TABLE barred_names AS
SELECT position, name
FROM pattern, alphabet
WHERE list_contains(gap_names::VARCHAR[], name::VARCHAR) = is_gap_negated;

-- hopeful: the journeys that have each of the positions that name what they want, in any order.  key: journey_no
-- reads: journeys, visits, wanted_names, pattern
CREATE OR REPLACE TEMP TABLE hopeful AS
WITH had AS (
    SELECT journey_no, position
    FROM visits JOIN wanted_names USING (name) JOIN pattern USING (position)
    WHERE NOT is_negated
    GROUP BY journey_no, position
)
SELECT journey_no
FROM journeys LEFT JOIN had USING (journey_no)
GROUP BY journey_no
HAVING count(position) = (SELECT count(*) FROM pattern WHERE kind = 'step' AND NOT is_negated);

-- spots: one row per position of the pattern and place in a journey that could be it, were it alone.
-- key: position, journey_no, visit_number.  Before the first visit is number 0, after the last one more than there are.
-- reads: visits, wanted_names, journeys, pattern, hopeful
CREATE OR REPLACE TEMP VIEW spots AS
SELECT position, journey_no, visit_number, entered_at
FROM visits JOIN wanted_names USING (name) SEMI JOIN hopeful USING (journey_no)
UNION ALL
SELECT position, journey_no, 0, started_at
FROM journeys SEMI JOIN hopeful USING (journey_no), pattern
WHERE kind = 'start'
UNION ALL
SELECT position, journey_no, visit_number + 1, ended_at
FROM visits JOIN journeys USING (journey_no) SEMI JOIN hopeful USING (journey_no), pattern
WHERE is_last AND kind = 'end';

-- instants: one row per journey and time, for patterns with a time.  key: journey_no, entered_at
-- first_visit is 0 at the start, which (start) shares with the first visit.
-- reads: visits, hopeful, $is_timed
CREATE OR REPLACE TEMP TABLE instants AS
SELECT
    journey_no, entered_at,
    CASE WHEN min(visit_number) > 1 THEN min(visit_number) ELSE 0 END AS first_visit,
    max(visit_number) AS last_visit
FROM visits SEMI JOIN hopeful USING (journey_no)
WHERE $is_timed
GROUP BY journey_no, entered_at;

-- places: one row per place to which a pattern matches up to this position, from any beginning.
-- key: position, journey_no, visit_number.  low, high: between which visits, inclusive, the position before may be.
-- Both grow with visit_number. Therefore, here, the latest place before `high` is as good as any; and of two matches the
-- earlier places of both, position by position, are a match too, as are the later ones.
-- reads: spots
CREATE OR REPLACE TEMP TABLE places AS
SELECT position, journey_no, visit_number, NULL::BIGINT AS low, NULL::BIGINT AS high FROM spots WHERE position = 1;
