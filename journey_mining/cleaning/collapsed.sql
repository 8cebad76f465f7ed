-- kept: the rows without those that repeat the name of the row before.  key: journey_no, step_number
-- reads: known_rows, $by
CREATE OR REPLACE TEMP TABLE followed AS
SELECT *, name IS NOT DISTINCT FROM lag(name) OVER (PARTITION BY journey_no ORDER BY step_number)
    AND step_number > 1 AS is_repeat
FROM (
    SELECT *, CASE $by WHEN 'stage' THEN stage WHEN 'touchpoint' THEN touchpoint ELSE event END AS name
    FROM known_rows
);

CREATE OR REPLACE TEMP VIEW kept AS SELECT * EXCLUDE (name, is_repeat) FROM followed WHERE NOT is_repeat;
