-- funnel_breakdown: one row per value of a column and stage; the value most attempts have comes first.
-- key: segment, position
-- reads: stage_counts
SELECT coalesce(segment, '(none)') AS segment, stage_counts.* EXCLUDE (segment)
FROM stage_counts
ORDER BY first_value(n_entries) OVER (PARTITION BY stage_counts.segment ORDER BY position) DESC,
    stage_counts.segment, position;
