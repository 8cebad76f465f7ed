-- record_versions: one row per landed version of a snapshot source's record.
-- key: load_seq, line_no
-- partition: delivery
-- publish: work
-- reads: landed_events
SELECT source, record_id, updated_at, load_seq, line_no, count(*) AS n_events
FROM landed_events
WHERE record_id IS NOT NULL
GROUP BY source, record_id, updated_at, load_seq, line_no;
