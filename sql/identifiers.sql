-- identifiers: one row per identifier that events belong to or that is linked with one, with the person behind it.
-- key: identifier
-- partition: none
-- reads: visit_owners, identity_clusters
-- identity_clusters is the one step that is not SQL: the connected components of identity_links, within the caps, each
-- named by its smallest identifier.  An identifier without links is a person of its own; orders and tickets among
-- themselves are nobody.
WITH known AS (
    SELECT owner AS identifier FROM visit_owners
    UNION
    SELECT identifier FROM identity_clusters
),
named AS (
    SELECT known.identifier, split_part(known.identifier, ':', 1) AS kind, coalesce(clusters.cluster, known.identifier) AS cluster
    FROM known
    LEFT JOIN identity_clusters AS clusters ON known.identifier = clusters.identifier
),
people_of AS (
    SELECT cluster, id_of(cluster) AS person_id
    FROM named
    WHERE kind NOT IN ('order', 'ticket')
    GROUP BY cluster
)
SELECT named.identifier, named.kind, people_of.person_id
FROM named
LEFT JOIN people_of ON named.cluster = people_of.cluster;
