-- events__all_landed_events_are_there: every landed event that no later version of its record replaced is in events, once
-- scope: whole
SELECT n_landed, n_outdated, n_events
FROM (SELECT CAST(coalesce(sum(n_events), 0) AS BIGINT) AS n_landed FROM deliveries) AS a,
    (SELECT CAST(coalesce(sum(n_events), 0) AS BIGINT) AS n_outdated FROM outdated_records) AS b,
    (SELECT count(*) AS n_events FROM events) AS c
WHERE n_landed - n_outdated <> n_events;
