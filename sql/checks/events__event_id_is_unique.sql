-- events__event_id_is_unique: no event is counted twice
SELECT event_id, count(*) FROM events GROUP BY event_id HAVING count(*) > 1;
