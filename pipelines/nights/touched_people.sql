-- touched_people: the same people, and since when: from the change on, where nothing reaches to it, neither a session, a
-- visit, whose passive events may lie days behind it, nor an attempt that goes on; else from the last session on that begins
-- before the change, and over whose start nothing reaches.  Sessions of sources may overlap: there, from the beginning.
WITH attempts AS (
    SELECT coalesce(max(window_seconds), 0) AS window_seconds
    FROM kpi_targets
    WHERE kpi IN (SELECT kpi FROM kpis_since)
),
stretches AS (
    SELECT person_id, 0 AS place, coalesce(changed_at, TIMESTAMP '9999-01-01') AS started_at, CAST(NULL AS TIMESTAMP) AS until FROM changed_people
    UNION ALL
    SELECT sessions.person_id, 1, sessions.started_at, plus_seconds(sessions.ended_at, greatest(session_gap_seconds, attempts.window_seconds))
    FROM sessions
    CROSS JOIN settings
    CROSS JOIN attempts
    WHERE sessions.person_id IN (SELECT person_id FROM changed_people)
    UNION ALL
    SELECT person_id, 2, min(first_at), max(last_at)
    FROM visit_facts
    WHERE person_id IN (SELECT person_id FROM changed_people)
    GROUP BY person_id, visit_no
),
looks_back AS (
    SELECT *, max(until) OVER (
        PARTITION BY person_id ORDER BY started_at, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_until
    FROM stretches
)
SELECT changed.person_id, coalesce(
        max(CASE
            WHEN session_rule = 'gap' AND place < 2 AND started_at <= coalesce(changed.changed_at, TIMESTAMP '9999-01-01')
                AND (previous_until IS NULL OR started_at > previous_until) THEN started_at
        END),
        TIMESTAMP '0001-01-01') AS since
FROM changed_people AS changed
CROSS JOIN settings
JOIN looks_back ON changed.person_id = looks_back.person_id
GROUP BY changed.person_id;
