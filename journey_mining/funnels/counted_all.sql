-- counted: every attempt of a sequence that begins after the one before was over: converted, excluded or out of time.
-- key: sequence_no, entry_step
-- reads: attempts
CREATE TEMP TABLE counted AS
WITH RECURSIVE followed AS MATERIALIZED (
    SELECT attempts.*, later.entry_step AS next_entry_step
    FROM attempts ASOF LEFT JOIN (
        -- Of those that enter at one instant, the first.
        SELECT sequence_no, entered_at, min(entry_step) AS entry_step FROM attempts GROUP BY sequence_no, entered_at
    ) AS later
        ON later.sequence_no = attempts.sequence_no AND later.entered_at > attempts.ended_at
),
taken AS (
    SELECT *
    FROM followed
    QUALIFY row_number() OVER (PARTITION BY sequence_no ORDER BY entered_at, entry_step) = 1
    UNION ALL
    SELECT followed.*
    FROM taken JOIN followed
        ON followed.sequence_no = taken.sequence_no AND followed.entry_step = taken.next_entry_step
)
SELECT * EXCLUDE (next_entry_step) FROM taken;
