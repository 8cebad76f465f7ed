-- time_to_convert: one row per stage after the first: the seconds to it, of attempts whose time is over.  key: position
-- reads: stages, reached, counted, $is_since_entry
WITH times AS (
    SELECT
        stages.position,
        here.at_us - CASE WHEN $is_since_entry THEN entered_at ELSE earlier.at_us END AS micros,
        micros / 1e6 AS seconds
    FROM stages
    JOIN reached AS here USING (position)
    JOIN reached AS earlier
        ON earlier.position = stages.previous_position
        AND earlier.sequence_no = here.sequence_no AND earlier.entry_step = here.entry_step
    JOIN counted ON counted.sequence_no = here.sequence_no AND counted.entry_step = here.entry_step
    WHERE NOT is_open
)
SELECT
    stage,
    stages.position::BIGINT AS position,
    count(seconds) AS n_entries,
    avg(micros) / 1e6 AS mean_seconds,
    quantile_cont(seconds, 0.1) AS p10_seconds,
    quantile_cont(seconds, 0.25) AS p25_seconds,
    quantile_cont(seconds, 0.5) AS median_seconds,
    quantile_cont(seconds, 0.75) AS p75_seconds,
    quantile_cont(seconds, 0.9) AS p90_seconds
FROM stages LEFT JOIN times USING (position)
WHERE stages.position > 1
GROUP BY stage, stages.position
ORDER BY stages.position;
