-- conversion_times: one row per attempt that was known to have begun: how many seconds after its entry it was converted, or
-- last seen unconverted.  One that was not converted by as of is known until its window was over, or until as of, whichever
-- came first; what came later is not known yet.
-- reads: counted, observed, $window_us, $as_of
CREATE OR REPLACE TEMP TABLE conversion_times AS
WITH known AS (
    SELECT counted.*, epoch_us(coalesce($as_of::TIMESTAMP, observed.as_of)) AS known_at FROM counted, observed
),
seen AS (
    SELECT cluster_no, entered_at, last_at, known_at, is_converted AND last_at <= known_at AS is_seen_converted
    FROM known
    WHERE entered_at <= known_at
)
SELECT
    cluster_no,
    (CASE WHEN is_seen_converted THEN last_at ELSE least(entered_at + $window_us, known_at) END - entered_at) / 1e6 AS seconds,
    is_seen_converted AS is_converted
FROM seen;
