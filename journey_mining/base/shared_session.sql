-- One row: a session that several people have, if there is one.
-- reads: source (person_id, session_id)
SELECT min(session_id) AS shared_session
FROM (SELECT session_id FROM source GROUP BY session_id HAVING min(person_id) <> max(person_id));
