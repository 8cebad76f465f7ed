-- source_events: one row per event that counts; of a record that a snapshot source sent again, the latest version only.
-- key: event_no
-- partition: delivery
-- publish: no
-- kind: view
-- reads: landed_events, outdated_records, sources
SELECT landed_events.*, sources.source_rank
FROM landed_events
JOIN sources ON landed_events.source = sources.source
LEFT JOIN outdated_records
    ON landed_events.record_id IS NOT NULL
    AND landed_events.load_seq = outdated_records.load_seq AND landed_events.line_no = outdated_records.line_no
WHERE outdated_records.load_seq IS NULL;
