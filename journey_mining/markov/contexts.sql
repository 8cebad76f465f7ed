-- contexts: one row per name, the one before it and the one after it, in mature journeys.  key: before, name, next
-- Visits lie in the order of their key: the row after is the next visit, unless a journey ends.
-- reads: visits, journeys
WITH followed AS (
    SELECT
        journey_no,
        coalesce(previous_name, '(start)') AS before,
        name,
        CASE WHEN NOT is_last THEN lead(name) OVER () END AS following
    FROM visits
),
named AS (
    SELECT before, name, coalesce(following, end_name) AS next
    FROM followed JOIN journeys USING (journey_no)
    WHERE NOT is_open
)
SELECT before::VARCHAR AS before, name::VARCHAR AS name, next::VARCHAR AS next, count(*) AS n_moves
FROM named
GROUP BY named.before, named.name, named.next
ORDER BY named.before, named.name, named.next;
