-- anchors: one row per journey: the place of one position of the pattern, the first, the last or the n-th it has, moved by
-- so many steps; it may then lie before the start or behind the end.  key: journey_no
-- reads: matched, starts (journey_no, visit_number: what an anchor must come after), $position, $nth (-1: the last), $offset
CREATE OR REPLACE TEMP TABLE anchors AS
SELECT journey_no, matched.visit_number + $offset AS visit_number
FROM matched LEFT JOIN starts USING (journey_no)
WHERE position = $position AND matched.visit_number > coalesce(starts.visit_number, -1)
QUALIFY $nth = CASE
    WHEN $nth > 0 THEN row_number() OVER (PARTITION BY journey_no ORDER BY matched.visit_number)
    ELSE -row_number() OVER (PARTITION BY journey_no ORDER BY matched.visit_number DESC)
END;
