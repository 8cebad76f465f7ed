-- names: one row per name of the alphabet $by, and what it shall be called.  key: name
-- is_grouped: by a wildcard; the first that fits is the last word.
-- reads: known_rows, $by
CREATE OR REPLACE TEMP TABLE names AS
SELECT name, name AS new_name, FALSE AS is_grouped, n_steps, n_steps / sum(n_steps) OVER () AS share
FROM (
    SELECT (CASE $by WHEN 'stage' THEN stage WHEN 'touchpoint' THEN touchpoint ELSE event END)::VARCHAR AS name,
        count(*) AS n_steps
    FROM known_rows
    GROUP BY ALL
)
WHERE name IS NOT NULL;
