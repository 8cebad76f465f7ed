-- wanted: one row per position of the funnel.  key: position
-- within: the time from the entry, inclusive; NULL = any.  last_position_of_name: where its stage was wanted before.
-- reads: $stages (a list of names), $within (an interval or NULL)
CREATE TEMP TABLE wanted AS
SELECT
    name,
    position,
    lag(position) OVER (PARTITION BY name ORDER BY position) AS last_position_of_name,
    $within::INTERVAL AS within
FROM (SELECT unnest($stages::VARCHAR[]) AS name, generate_subscripts($stages::VARCHAR[], 1) AS position);
