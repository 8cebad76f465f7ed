-- funnel: one row per stage, in its order.  key: position
-- n_excluded: of all attempts whose time is over, those that a barred step ended while they stood here.
-- reads: stage_counts, attempts
SELECT stage_counts.* EXCLUDE (segment), coalesce(n_excluded, 0) AS n_excluded
FROM stage_counts LEFT JOIN (
    SELECT depth AS position, count(*) AS n_excluded
    FROM attempts
    WHERE is_excluded AND NOT is_open
    GROUP BY depth
) AS ended USING (position)
ORDER BY position;
