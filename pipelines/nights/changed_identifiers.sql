-- changed_identifiers: identifiers that are new, gone, or another person's than before.
SELECT coalesce(old.identifier, new.identifier) AS identifier
FROM identifiers AS old
FULL JOIN scratch.by_person.identifiers AS new ON old.identifier = new.identifier
WHERE old.identifier IS NULL OR new.identifier IS NULL OR old.person_id IS DISTINCT FROM new.person_id;
