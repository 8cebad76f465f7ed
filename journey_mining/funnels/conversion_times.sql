-- conversion_times: how many attempts were converted, or last seen unconverted, so many seconds after their entry.
-- One that ended without conversion is known until its window was over, or until as of, whichever came first.
-- key: seconds, is_converted
-- reads: counted, observed, $window_us, $as_of
WITH seen AS (
    SELECT
        is_converted,
        CASE
            WHEN is_converted THEN last_at
            ELSE least(entered_at + $window_us, epoch_us(coalesce($as_of::TIMESTAMP, observed.as_of)))
        END - entered_at AS time_us
    FROM counted, observed
)
SELECT greatest(time_us, 0) / 1e6 AS seconds, is_converted, count(*) AS n_entries
FROM seen
GROUP BY ALL
ORDER BY ALL;
