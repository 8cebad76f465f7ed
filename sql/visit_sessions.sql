-- visit_sessions: one row per visit, with its person and the session it is part of.
-- key: visit_no
-- partition: person
-- publish: no
-- reads: visit_owners, identifiers, settings
-- Sessions are runs of a person's visits: a new one begins where no earlier visit reaches to within the session gap.
-- A passive visit is part of none, nor is one of nobody.
WITH owned AS (
    SELECT visit_owners.visit_no, visit_owners.started_at, visit_owners.ended_at, visit_owners.is_passive, identifiers.person_id
    FROM visit_owners
    JOIN identifiers ON visit_owners.owner = identifiers.identifier
),
silences AS (
    SELECT owned.*, max(ended_at) OVER (
        PARTITION BY person_id ORDER BY started_at, visit_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_ended_at
    FROM owned
    WHERE NOT is_passive AND person_id IS NOT NULL
),
starts AS (
    SELECT visit_no, person_id, last_value(CASE
            WHEN previous_ended_at IS NULL OR started_at > plus_seconds(previous_ended_at, session_gap_seconds)
                THEN id_of(person_id || '|' || micros(started_at))
        END IGNORE NULLS) OVER (
            PARTITION BY person_id ORDER BY started_at, visit_no ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session_id
    FROM silences
    CROSS JOIN settings
)
SELECT visit_no, person_id, session_id FROM starts
UNION ALL
SELECT visit_no, person_id, NULL FROM owned WHERE is_passive OR person_id IS NULL;
