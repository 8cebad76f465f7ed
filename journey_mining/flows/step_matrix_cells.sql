-- cells: one row per journey and column: its name there, or that it has not begun or has ended.
-- key: part, journey_no, step
-- reads: shown, kept_names, centres, span
CREATE OR REPLACE TEMP VIEW cells AS
SELECT part, journey_no, step, NULL::name AS source, coalesce(kept_names.name, '(other)') AS name
FROM shown LEFT JOIN kept_names USING (part, step, name)
UNION ALL
SELECT part, journey_no, unnest(range(low, least(first_visit - 1 - centre, high) + 1)), NULL, '(start)'
FROM centres, span
UNION ALL
SELECT part, journey_no, unnest(range(greatest(last_visit + 1 - centre, low), high + 1)), NULL, '(ended)'
FROM centres, span;
