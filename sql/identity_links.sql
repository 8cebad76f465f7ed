-- identity_links: one row per pair of identifiers that events show to belong together, the smaller one left.
-- key: left_identifier, right_identifier
-- partition: none
-- publish: work
-- reads: visit_pairs, visit_owners
-- An order or a ticket links those it was seen with, by login or by device; one that only ever one of them was seen with
-- links nobody.
WITH owned AS (
    SELECT visit_pairs.right_identifier AS subject_identifier, visit_owners.owner, visit_pairs.n_events
    FROM visit_pairs
    JOIN visit_owners ON visit_pairs.visit_no = visit_owners.visit_no
    WHERE visit_pairs.left_identifier IS NULL
),
shared_subjects AS (
    SELECT subject_identifier
    FROM owned
    GROUP BY subject_identifier
    HAVING min(owner) <> max(owner)
),
pairs AS (
    SELECT left_identifier, right_identifier, n_events
    FROM visit_pairs
    WHERE left_identifier IS NOT NULL
    UNION ALL
    SELECT least(owned.owner, owned.subject_identifier), greatest(owned.owner, owned.subject_identifier), owned.n_events
    FROM owned
    JOIN shared_subjects ON owned.subject_identifier = shared_subjects.subject_identifier
    WHERE owned.owner <> owned.subject_identifier
)
SELECT left_identifier, right_identifier, CAST(sum(n_events) AS BIGINT) AS n_events
FROM pairs
GROUP BY left_identifier, right_identifier;
