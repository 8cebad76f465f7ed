-- events__add_up_to_people: the events of all people are the events that have a person
SELECT n_people, n_events
FROM (SELECT CAST(coalesce(sum(n_events), 0) AS BIGINT) AS n_people FROM people) AS a,
    (SELECT count(person_id) AS n_events FROM events) AS b
WHERE n_people <> n_events;
