-- counted: one row per unit: its best attempt: the longest, then one that nothing barred ended, then the earliest.
-- Attempts whose time is over come first, so that what is still open cannot change a rate.  key: unit_no, segment
-- reads: attempts
CREATE TEMP TABLE counted AS
SELECT *
FROM attempts
QUALIFY row_number() OVER (
    PARTITION BY unit_no, segment ORDER BY is_open, depth DESC, is_excluded, entered_at, sequence_no, entry_step
) = 1;
