-- identifiers__stay_within_the_cap: a person holds no more identifiers than the cap of a person, orders and tickets apart
SELECT identifiers.person_id, count(*) AS n_identifiers
FROM identifiers
JOIN identifier_caps AS caps ON caps.kind = 'person'
WHERE identifiers.person_id IS NOT NULL AND identifiers.kind NOT IN ('order', 'ticket')
GROUP BY identifiers.person_id, caps.most
HAVING count(*) > caps.most;
