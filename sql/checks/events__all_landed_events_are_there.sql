-- events__all_landed_events_are_there: every event that counts is in events
SELECT n_source, n_events
FROM (SELECT count(*) AS n_source FROM source_events) AS a, (SELECT count(*) AS n_events FROM events) AS b
WHERE n_source <> n_events;
