-- by_person.visit_owners: all visits of touched people.
SELECT visit_owners.*
FROM visit_owners
JOIN scratch.by_person.identifiers AS identifiers ON visit_owners.owner = identifiers.identifier
JOIN touched_people ON identifiers.person_id = touched_people.person_id;
