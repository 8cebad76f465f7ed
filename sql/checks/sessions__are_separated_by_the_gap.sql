-- sessions__are_separated_by_the_gap: two gap sessions of a person lie further apart than the gap
SELECT person_id, previous_ended_at, started_at
FROM (
    SELECT person_id, started_at, lag(ended_at) OVER (PARTITION BY person_id ORDER BY started_at, session_id) AS previous_ended_at FROM sessions
), settings
WHERE session_rule = 'gap' AND started_at <= plus_seconds(previous_ended_at, session_gap_seconds);
