-- conversion_times: one row per attempt that counts: how many seconds after its entry it was converted, or last seen
-- unconverted.  One that ended without conversion is known until its window was over, or until as of, whichever came first.
-- reads: counted, observed, $window_us, $as_of
CREATE OR REPLACE TEMP TABLE conversion_times AS
WITH seen AS (
    SELECT
        cluster_no,
        is_converted,
        CASE
            WHEN is_converted THEN last_at
            ELSE least(entered_at + $window_us, epoch_us(coalesce($as_of::TIMESTAMP, observed.as_of)))
        END - entered_at AS time_us
    FROM counted, observed
)
SELECT cluster_no, greatest(time_us, 0) / 1e6 AS seconds, is_converted FROM seen;
