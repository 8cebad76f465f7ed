-- counted: one row per unit: its first attempt.  key: unit_no, segment
-- reads: attempts
CREATE TEMP TABLE counted AS
SELECT *
FROM attempts
QUALIFY row_number() OVER (PARTITION BY unit_no, segment ORDER BY entered_at, sequence_no, entry_step) = 1;
