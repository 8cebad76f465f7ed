-- times: one row per pair of names that follow each other and quantile asked for.  key: from, to, quantile
-- reads: visits, journeys, $quantiles (a list of shares)
WITH times AS (
    SELECT previous_name AS source, name AS target, quantile_cont(seconds_before, $quantiles) AS seconds
    FROM visits JOIN journeys USING (journey_no)
    WHERE NOT is_open AND previous_name IS NOT NULL
    GROUP BY previous_name, name
)
SELECT
    times.source::VARCHAR AS "from",
    times.target::VARCHAR AS "to",
    unnest($quantiles) AS quantile,
    unnest(seconds) AS seconds
FROM times
ORDER BY times.source, times.target, quantile;
