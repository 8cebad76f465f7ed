-- conformance: one row per position of the design.  key: position
-- Shares are of mature journeys: of all of them, but skipped of those that visited this or a later position, and late
-- of those for which the time is known.
-- reads: designed, journeys, journey_stages
CREATE OR REPLACE TEMP TABLE conformance AS
WITH furthest AS (
    SELECT journey_no, max(position) FILTER (is_visited) AS last_position
    FROM journey_stages
    GROUP BY journey_no
),
crossed AS (
    SELECT
        designed.position, journeys.cluster_no, journeys.person_no, is_open,
        coalesce(is_visited, FALSE) AS is_visited,
        coalesce(n_out_of_order, 0) > 0 AS is_out_of_order,
        coalesce(last_position >= designed.position, FALSE) AS is_passed,
        seconds,
        is_late
    FROM journeys
    CROSS JOIN designed
    LEFT JOIN furthest USING (journey_no)
    LEFT JOIN journey_stages
        ON journey_stages.journey_no = journeys.journey_no AND journey_stages.position = designed.position
),
clusters AS (
    SELECT
        position, cluster_no, person_no,
        count(*) FILTER (NOT is_open) AS n_journeys,
        count(*) FILTER (NOT is_open AND is_visited) AS n_visited,
        count(*) FILTER (NOT is_open AND is_passed) AS n_passed,
        count(*) FILTER (NOT is_open AND is_passed AND NOT is_visited) AS n_skipped,
        count(*) FILTER (NOT is_open AND is_out_of_order) AS n_out_of_order,
        count(*) FILTER (NOT is_open AND seconds IS NOT NULL) AS n_timed,
        count(*) FILTER (NOT is_open AND is_late) AS n_late,
        count(*) FILTER (is_open AND is_visited) AS n_open
    FROM crossed
    GROUP BY position, cluster_no, person_no
),
sums AS (
    SELECT
        position,
        sum(n_journeys)::BIGINT AS n_journeys,
        count(person_no) FILTER (n_visited > 0) AS n_people,
        sum(n_visited)::BIGINT AS n_visited,
        sum(n_visited) / nullif(sum(n_journeys), 0) AS visited_share,
        clustered_error(n_visited, n_journeys) AS visited_error,
        sum(n_passed)::BIGINT AS n_passed,
        sum(n_skipped)::BIGINT AS n_skipped,
        sum(n_skipped) / nullif(sum(n_passed), 0) AS skipped_share,
        clustered_error(n_skipped, n_passed) AS skipped_error,
        sum(n_out_of_order)::BIGINT AS n_out_of_order,
        sum(n_out_of_order) / nullif(sum(n_journeys), 0) AS out_of_order_share,
        clustered_error(n_out_of_order, n_journeys) AS out_of_order_error,
        sum(n_timed)::BIGINT AS n_timed,
        sum(n_late)::BIGINT AS n_late,
        sum(n_late) / nullif(sum(n_timed), 0) AS late_share,
        clustered_error(n_late, n_timed) AS late_error,
        sum(n_open)::BIGINT AS n_open
    FROM clusters
    GROUP BY position
),
times AS (
    SELECT position, quantile_cont(seconds, 0.5) AS median_seconds
    FROM crossed
    WHERE NOT is_open AND seconds IS NOT NULL
    GROUP BY position
)
SELECT
    position::BIGINT AS position,
    name,
    is_optional,
    is_repeatable,
    within_seconds::DOUBLE AS within_seconds,
    n_journeys,
    n_people,
    n_visited,
    visited_share,
    wilson_low(visited_share, effective_units(visited_share, visited_error, n_journeys)) AS visited_low,
    wilson_high(visited_share, effective_units(visited_share, visited_error, n_journeys)) AS visited_high,
    n_passed,
    n_skipped,
    skipped_share,
    wilson_low(skipped_share, effective_units(skipped_share, skipped_error, n_passed)) AS skipped_low,
    wilson_high(skipped_share, effective_units(skipped_share, skipped_error, n_passed)) AS skipped_high,
    n_out_of_order,
    out_of_order_share,
    wilson_low(out_of_order_share, effective_units(out_of_order_share, out_of_order_error, n_journeys))
        AS out_of_order_low,
    wilson_high(out_of_order_share, effective_units(out_of_order_share, out_of_order_error, n_journeys))
        AS out_of_order_high,
    n_timed,
    n_late,
    CASE WHEN within_seconds IS NOT NULL THEN late_share END AS late_share,
    CASE WHEN within_seconds IS NOT NULL THEN wilson_low(late_share, effective_units(late_share, late_error, n_timed)) END
        AS late_low,
    CASE WHEN within_seconds IS NOT NULL THEN wilson_high(late_share, effective_units(late_share, late_error, n_timed)) END
        AS late_high,
    median_seconds,
    n_open
FROM designed JOIN sums USING (position) LEFT JOIN times USING (position)
ORDER BY position;
