-- contexts: one row per state, the one before it and the one after it, in mature journeys.  key: before, name, next
-- reads: states, finishes
WITH followed AS (
    SELECT
        coalesce(lag(name) OVER in_order, '(start)') AS before,
        name,
        coalesce(lead(name) OVER in_order, end_name) AS next
    FROM states JOIN finishes USING (journey_no)
    WHERE NOT is_open
    WINDOW in_order AS (PARTITION BY journey_no ORDER BY place)
)
SELECT before::VARCHAR AS before, name::VARCHAR AS name, next::VARCHAR AS next, count(*) AS n_moves
FROM followed
GROUP BY followed.before, followed.name, followed.next
ORDER BY followed.before, followed.name, followed.next;
