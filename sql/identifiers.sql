-- identifiers: one row per identifier that events belong to, with the person behind it.
-- key: identifier
-- partition: none
-- reads: event_owners, identity_clusters
-- identity_clusters is the one step that is not SQL: the connected components of identity_links, each named by its
-- smallest identifier.  An identifier without links is a person of its own.
WITH known AS (
    SELECT identifier FROM event_owners
    UNION
    SELECT identifier FROM identity_clusters
)
SELECT known.identifier,
    split_part(known.identifier, ':', 1) AS kind,
    id_of(coalesce(identity_clusters.cluster, known.identifier)) AS person_id
FROM known
LEFT JOIN identity_clusters ON known.identifier = identity_clusters.identifier;
