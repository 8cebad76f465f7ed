-- identifiers__are_a_partition: an identifier belongs to one person, and every person of an event has one
SELECT identifier FROM identifiers GROUP BY identifier HAVING count(*) > 1
UNION ALL
SELECT DISTINCT person_id FROM events WHERE person_id IS NOT NULL AND person_id NOT IN (SELECT person_id FROM identifiers WHERE person_id IS NOT NULL);
