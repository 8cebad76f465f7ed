-- touched_visits: visits of touched people since the change.
SELECT visit_owners.visit_no
FROM visit_owners
JOIN scratch.by_person.identifiers AS identifiers ON visit_owners.owner = identifiers.identifier
JOIN touched_people ON identifiers.person_id = touched_people.person_id AND visit_owners.started_at >= touched_people.since;
