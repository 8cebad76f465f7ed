-- routes, one part further: of the parts that may follow one beginning, those that hold less than a share of its
-- steps each are one [name] where there are many of them.
-- reads: routes, $depth, $many (how many are too many), $share
CREATE OR REPLACE TEMP TABLE routes AS
WITH parts AS (
    SELECT template, parts[$depth] AS part, sum(n_steps) AS n
    FROM routes
    WHERE len(parts) >= $depth
    GROUP BY ALL
),
judged AS (
    SELECT *, part NOT IN ('', '[id]') AND n < $share * sum(n) OVER (PARTITION BY template) AS is_small
    FROM parts
),
called AS (
    SELECT
        template, part,
        CASE WHEN is_small AND count(*) FILTER (is_small) OVER (PARTITION BY template) > $many
            THEN '[name]' ELSE part END AS new_part
    FROM judged
)
SELECT
    name, n_steps, parts,
    CASE WHEN new_part IS NULL THEN routes.template ELSE routes.template || '/' || new_part END AS template
FROM routes LEFT JOIN called ON called.template = routes.template AND called.part = routes.parts[$depth];
