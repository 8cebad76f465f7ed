-- cells: one row per journey and link that it takes: into each of its visits that have a column, and out of the last.
-- key: journey_no, step
-- Before the first visit is (start), or (more) where earlier ones have no column; after the last what `after` says, or
-- by default how the journey ended, or (more).
-- reads: shown, kept_names, journeys, span
CREATE OR REPLACE TEMP VIEW cells AS
SELECT
    part, journey_no, step - 1 AS step,
    CASE WHEN is_first THEN '(start)' WHEN step = low THEN '(more)' ELSE coalesce(before.name, '(other)') END
        AS source,
    coalesce(here.name, '(other)') AS name
FROM shown CROSS JOIN span
LEFT JOIN kept_names AS here USING (part, step, name)
LEFT JOIN kept_names AS before
    ON before.part = shown.part AND before.step = shown.step - 1 AND before.name = shown.previous_name
UNION ALL
SELECT
    part, journey_no, step,
    coalesce(here.name, '(other)'),
    CASE WHEN NOT is_last THEN '(more)' ELSE coalesce(after, end_name) END
FROM shown CROSS JOIN span
JOIN journeys USING (journey_no)
LEFT JOIN kept_names AS here USING (part, step, name)
WHERE is_last OR step = high;
