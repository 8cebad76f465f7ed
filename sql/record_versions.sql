-- record_versions: one row per landed version of a snapshot source's record.
-- key: load_seq, line_no
-- partition: delivery
-- publish: work
-- reads: landed_events, withdrawn_records
-- A version that yields no event any more, because its record was taken back, is one too.
SELECT source, record_id, updated_at, load_seq, line_no, count(*) AS n_events
FROM landed_events
WHERE record_id IS NOT NULL
GROUP BY source, record_id, updated_at, load_seq, line_no
UNION ALL
SELECT source, record_id, updated_at, load_seq, line_no, 0
FROM withdrawn_records;
