-- frequent: one row per feature, the most frequent names and transitions.  key: kind, source, target
-- source: of a transition; else an empty text.
-- reads: moves, $n_names, $n_transitions
WITH counted AS (
    SELECT 'name' AS kind, NULL::name AS source, name AS target, count(*) AS n FROM moves GROUP BY name
    UNION ALL
    SELECT 'transition', previous_name, name, count(*)
    FROM moves
    WHERE previous_name IS NOT NULL
    GROUP BY previous_name, name
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY n DESC, source, target) AS rank FROM counted
)
SELECT kind, coalesce(source::VARCHAR, '') AS source, target::VARCHAR AS target
FROM ranked
WHERE rank <= CASE kind WHEN 'name' THEN $n_names ELSE $n_transitions END
ORDER BY kind, rank;
