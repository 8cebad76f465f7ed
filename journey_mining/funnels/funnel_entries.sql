-- funnel_entries: one row per attempt that counts, the latest entries first.
-- key: journey_id, entered_at, and what the attempt held constant
-- reads: ended, journeys, $status, $position, $at_most
SELECT
    journey_id,
    person_id,
    make_timestamp(entered_at) AS entered_at,
    status,
    stage,
    depth::BIGINT AS position,
    make_timestamp(left_at) AS reached_at,
    next
FROM (
    SELECT
        *,
        CASE
            WHEN is_open THEN 'open' WHEN is_converted THEN 'converted' WHEN is_excluded THEN 'excluded' ELSE 'lost'
        END AS status
    FROM ended
) AS told JOIN journeys USING (journey_no)
WHERE coalesce(status = $status, TRUE) AND coalesce(depth = $position, TRUE)
ORDER BY told.entered_at DESC, journey_id, entry_step, sequence_no
LIMIT $at_most;
