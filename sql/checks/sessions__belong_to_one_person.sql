-- sessions__belong_to_one_person: no session holds events of two people
SELECT session_id FROM events WHERE session_id IS NOT NULL GROUP BY session_id HAVING min(person_id) <> max(person_id);
