-- changed_people: people whose visits or identifiers changed, before or after, and since when.
SELECT person_id, min(started_at) AS changed_at
FROM (
    SELECT identifiers.person_id, moved.started_at
    FROM moved_visits AS moved
    JOIN identifiers ON moved.owner = identifiers.identifier
    UNION ALL
    SELECT identifiers.person_id, moved.started_at
    FROM moved_visits AS moved
    JOIN scratch.by_person.identifiers AS identifiers ON moved.owner = identifiers.identifier
    UNION ALL
    -- An identifier more, without a visit of its own, is one more to count.
    SELECT identifiers.person_id, CAST(NULL AS TIMESTAMP)
    FROM changed_identifiers
    JOIN scratch.by_person.identifiers AS identifiers ON changed_identifiers.identifier = identifiers.identifier
    UNION ALL
    SELECT identifiers.person_id, CAST(NULL AS TIMESTAMP)
    FROM changed_identifiers
    JOIN identifiers ON changed_identifiers.identifier = identifiers.identifier
)
WHERE person_id IS NOT NULL
GROUP BY person_id;
