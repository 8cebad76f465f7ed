-- One row: how many events cannot be told from whom, what or when they are, and a session that several people have.
-- reads: source
SELECT
    count(*) FILTER (person_id IS NULL OR event IS NULL OR occurred_at IS NULL) AS n_incomplete,
    (
        SELECT min(session_id)
        FROM (SELECT session_id FROM source GROUP BY session_id HAVING min(person_id) <> max(person_id))
    ) AS shared_session
FROM source;
