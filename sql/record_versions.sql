-- record_versions: one row per landed version of a snapshot source's record.
-- key: load_seq, line_no
-- partition: delivery
-- publish: work
-- reads: landed_events
SELECT DISTINCT source, record_id, updated_at, load_seq, line_no
FROM landed_events
WHERE record_id IS NOT NULL;
