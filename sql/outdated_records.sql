-- outdated_records: one row per landed version of a snapshot source's record that a later version has replaced.
-- key: load_seq, line_no
-- partition: none
-- publish: no
-- reads: record_versions
SELECT load_seq, line_no, n_events
FROM (
    SELECT load_seq, line_no, n_events, row_number() OVER (
        PARTITION BY source, record_id ORDER BY updated_at DESC NULLS LAST, load_seq DESC, line_no DESC) AS newness
    FROM record_versions
)
WHERE newness > 1;
