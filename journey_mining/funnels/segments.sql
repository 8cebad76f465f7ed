-- counted, each attempt with its segment: the value of its first touch that has one, of its last, or of that of the
-- stage at $position. The values that most attempts have stay, the others are (other).
-- reads: counted, reached, $attribution ('first', 'last', 'stage' or 'all'), $position, $top
CREATE OR REPLACE TEMP TABLE counted AS
WITH valued AS (
    SELECT
        sequence_no,
        entry_step,
        CASE $attribution
            WHEN 'first' THEN arg_min(value, step_number)
            WHEN 'last' THEN arg_max(value, step_number)
            WHEN 'stage' THEN any_value(value) FILTER (position = $position)
            ELSE any_value(value)
        END AS value
    FROM reached
    GROUP BY sequence_no, entry_step
),
kept AS (
    SELECT value FROM valued WHERE value IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT $top
)
SELECT
    counted.* REPLACE (
        CASE WHEN value IS NULL OR value IN (SELECT value FROM kept) THEN value ELSE '(other)' END AS segment
    )
FROM counted JOIN valued USING (sequence_no, entry_step);
