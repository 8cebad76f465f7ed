-- visit_facts: one row per visit and source that shows in it: whose, from when to when, how many events.
-- key: visit_no, source
-- partition: person
-- publish: work
-- since: first_at
-- reads: events, sources, blocked_identifiers
SELECT events.visit_no, events.source, min(events.person_id) AS person_id, min(events.occurred_at) AS first_at, max(events.occurred_at) AS last_at,
    count(*) AS n_events, min(CASE WHEN blocked.value IS NULL THEN sources.device_namespace || ':' || events.device_id END) AS device
FROM events
JOIN sources ON events.source = sources.source
LEFT JOIN blocked_identifiers AS blocked
    ON blocked.kind = 'device' AND blocked.namespace = sources.device_namespace AND blocked.value = events.device_id
WHERE events.person_id IS NOT NULL
GROUP BY events.visit_no, events.source;
