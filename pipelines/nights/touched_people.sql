-- touched_people: the same people, from the last session on that begins before the change. Sessions of sources may overlap: there, from the beginning.
SELECT changed.person_id, coalesce(
        max(CASE
            WHEN session_rule = 'gap' AND sessions.started_at < coalesce(changed.changed_at, TIMESTAMP '9999-01-01')
                THEN sessions.started_at
        END),
        TIMESTAMP '0001-01-01') AS since
FROM changed_people AS changed
CROSS JOIN settings
LEFT JOIN sessions ON changed.person_id = sessions.person_id
GROUP BY changed.person_id;
