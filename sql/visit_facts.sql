-- visit_facts: one row per visit and source that shows in it: whose, from when to when, how many events.
-- key: visit_no, source
-- partition: person
-- publish: work
-- since: first_at
-- reads: events, sources
SELECT events.visit_no, events.source, min(events.person_id) AS person_id, min(events.occurred_at) AS first_at, max(events.occurred_at) AS last_at,
    count(*) AS n_events, min(sources.device_namespace || ':' || events.device_id) AS device
FROM events
JOIN sources ON events.source = sources.source
WHERE events.person_id IS NOT NULL
GROUP BY events.visit_no, events.source;
