-- person_changes__lead_to_people: who changed is still an identifier, and of those this build changed the new person is theirs
SELECT changes.identifier
FROM person_changes AS changes
CROSS JOIN build
LEFT JOIN identifiers ON changes.identifier = identifiers.identifier
WHERE identifiers.identifier IS NULL
    OR changes.build_id = build.build_id AND NOT (changes.new_person_id IS NOT DISTINCT FROM identifiers.person_id);
