-- coverage: one row per source, event name and touchpoint: what the rules match, and with touchpoint NULL what none does.
-- key: source, event_name, touchpoint
-- partition: none
-- reads: events
SELECT source, event_name, touchpoint, count(*) AS n_events,
    CAST(count(*) AS DOUBLE) / nullif(sum(count(*)) OVER (PARTITION BY source), 0) AS share_of_events
FROM events
GROUP BY source, event_name, touchpoint;
