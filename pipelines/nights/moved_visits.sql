-- moved_visits: visits that are new, gone, or in other hands than before.
WITH changed_owners AS (
    (SELECT visit_no, started_at, owner FROM old_owners EXCEPT SELECT visit_no, started_at, owner FROM scratch.by_device.visit_owners)
    UNION ALL
    (SELECT visit_no, started_at, owner FROM scratch.by_device.visit_owners EXCEPT SELECT visit_no, started_at, owner FROM old_owners)
    UNION ALL
    SELECT visit_no, started_at, owner FROM old_owners WHERE visit_no IN (SELECT visit_no FROM restarted_visits)
    UNION ALL
    SELECT visit_no, started_at, owner FROM scratch.by_device.visit_owners WHERE visit_no IN (SELECT visit_no FROM scratch.by_stream.visits)
    UNION ALL
    SELECT visit_no, started_at, owner FROM visit_owners WHERE owner IN (SELECT identifier FROM changed_identifiers)
)
SELECT DISTINCT visit_no, started_at, owner FROM changed_owners;
