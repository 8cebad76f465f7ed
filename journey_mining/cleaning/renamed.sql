-- The tables of a log whose names of one alphabet were changed; nothing else is another.
-- reads: names, known_rows, known_journeys, known_observed, known_changes, $by, $did

CREATE TABLE alphabets AS
SELECT DISTINCT alphabet, name
FROM (
    SELECT DISTINCT stage::VARCHAR AS stage, touchpoint::VARCHAR AS touchpoint, event::VARCHAR AS event FROM known_rows
) UNPIVOT (name FOR alphabet IN (stage, touchpoint, event))
WHERE alphabet <> $by
UNION ALL
SELECT DISTINCT $by, new_name FROM names;

CREATE TYPE name AS ENUM (
    SELECT name FROM (
        SELECT name FROM alphabets
        UNION
        SELECT unnest([
            '(start)', '(success)', '(dropped)', '(active)', '(open)', '(end)', '(ended)', '(other)', '(more)'
        ])
    )
    WHERE name IS NOT NULL
    ORDER BY name
);

CREATE TABLE journeys AS
SELECT * REPLACE (end_name::VARCHAR::name AS end_name) FROM known_journeys;

-- rows: as before, in the order of their key, on which visits.sql rests.
CREATE TABLE rows AS
SELECT
    known_rows.* REPLACE (
        (CASE $by WHEN 'stage' THEN new_name ELSE stage::VARCHAR END)::name AS stage,
        (CASE $by WHEN 'touchpoint' THEN new_name ELSE touchpoint::VARCHAR END)::name AS touchpoint,
        (CASE $by WHEN 'event' THEN new_name ELSE event::VARCHAR END)::name AS event
    )
FROM known_rows LEFT JOIN names
    ON names.name = (CASE $by WHEN 'stage' THEN stage WHEN 'touchpoint' THEN touchpoint ELSE event END)::VARCHAR
ORDER BY journey_no, step_number;

CREATE TABLE observed AS SELECT as_of FROM known_observed;

CREATE TABLE changes AS
FROM known_changes
UNION ALL
SELECT (SELECT coalesce(max(position), 0) + 1 FROM known_changes), $did, name, new_name, n_steps
FROM names
WHERE name <> new_name;
