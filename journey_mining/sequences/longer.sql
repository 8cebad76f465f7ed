-- counts: one row per sequence of this length and journey it is in, with n, how often.  key: parent_no, name, journey_no
-- reads: extended, frequent, journeys, $min_share
CREATE OR REPLACE TEMP TABLE counts AS
SELECT parent_no, name, journey_no, count(*)::INTEGER AS n FROM extended GROUP BY parent_no, name, journey_no;

-- level: one row per sequence of this length that enough mature journeys have.  key: sequence_no
-- No longer one can have more journeys than what it begins with, so only these are made longer.
CREATE OR REPLACE TEMP TABLE level AS
SELECT
    ((SELECT count(*) FROM frequent) + row_number() OVER (ORDER BY parent_no, name))::INTEGER AS sequence_no,
    parent_no,
    name
FROM counts JOIN journeys USING (journey_no)
WHERE NOT is_open
GROUP BY parent_no, name
HAVING count(*) / (SELECT count(*) FROM journeys WHERE NOT is_open) >= $min_share;

INSERT INTO frequent
SELECT level.sequence_no, list_append(coalesce(parents.sequence, []), name::VARCHAR)
FROM level LEFT JOIN frequent AS parents ON parents.sequence_no = level.parent_no;

INSERT INTO found SELECT sequence_no, journey_no, n FROM counts JOIN level USING (parent_no, name);
