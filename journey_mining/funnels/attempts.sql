-- attempts: one row per attempt.  key: sequence_no, entry_step
-- depth: the position it came to; ended_at: when it was over (NULL: never); is_excluded: a barred step ended it;
-- is_open: too young to tell, by its journey's outcome or since its time was not over as of the end of what is known.
-- reads: chains, stages, journeys, observed, $window_us, $matures_us, $as_of, $last_position, $is_split
CREATE TEMP TABLE attempts AS
WITH furthest AS (
    SELECT
        sequence_no,
        entry_step,
        any_value(unit_no) AS unit_no,
        any_value(entered_at) AS entered_at,
        arg_min(journey_no, position) AS journey_no,
        arg_min(value, position) AS entry_value,
        max(position) AS depth,
        arg_max(at_us, position) AS last_at,
        arg_max_null(barred_at, position) AS barred_at
    FROM chains
    GROUP BY sequence_no, entry_step
),
limited AS (
    SELECT furthest.*, least(entered_at + $window_us, last_at + within_us) AS limit_at
    FROM furthest
    LEFT JOIN stages ON stages.previous_position = depth AND NOT is_optional
),
judged AS (
    SELECT
        *,
        depth = $last_position AS is_converted,
        depth < $last_position AND coalesce(barred_at <= coalesce(limit_at, barred_at), FALSE) AS is_excluded
    FROM limited
)
SELECT
    sequence_no, entry_step, unit_no, judged.journey_no, cluster_no, person_no,
    entered_at, depth, last_at, is_converted, is_excluded,
    CASE WHEN is_converted THEN last_at WHEN is_excluded THEN barred_at ELSE limit_at END AS ended_at,
    journeys.is_open
        OR coalesce(entered_at + $matures_us > epoch_us(coalesce($as_of::TIMESTAMP, observed.as_of)), FALSE) AS is_open,
    CASE WHEN $is_split THEN entry_value END AS segment
FROM judged JOIN journeys USING (journey_no), observed;
