-- events__event_id_is_unique: no event is counted twice; an id is its source's own
SELECT source, event_id, count(*) FROM events GROUP BY source, event_id HAVING count(*) > 1;
