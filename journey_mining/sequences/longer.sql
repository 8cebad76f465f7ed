-- level: one row per sequence of this length that enough mature journeys have.  key: sequence_no
-- No longer one can have more journeys than what it begins with, so only these are made longer.
-- reads: extended, frequent, journeys, $min_share
CREATE OR REPLACE TEMP TABLE level AS
SELECT
    ((SELECT count(*) FROM frequent) + row_number() OVER (ORDER BY parent_no, name))::INTEGER AS sequence_no,
    parent_no,
    name
FROM (SELECT DISTINCT parent_no, name, journey_no FROM extended) AS seen JOIN journeys USING (journey_no)
WHERE NOT is_open
GROUP BY parent_no, name
HAVING count(*) >= $min_share * (SELECT count(*) FROM journeys WHERE NOT is_open);

INSERT INTO frequent
SELECT level.sequence_no, list_append(coalesce(parents.sequence, []), name::VARCHAR)
FROM level LEFT JOIN frequent AS parents ON parents.sequence_no = level.parent_no;

CREATE OR REPLACE TEMP TABLE occurrences AS
SELECT journey_no, visit_number, sequence_no FROM extended JOIN level USING (parent_no, name);

INSERT INTO found
SELECT sequence_no, journey_no, count(*) FROM occurrences GROUP BY sequence_no, journey_no;
