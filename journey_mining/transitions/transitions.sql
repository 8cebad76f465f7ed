-- transitions: one row per pair of names that follow each other.  key: from, to
-- Counts, shares and seconds are of mature journeys; n_open counts the transitions of open ones.
-- reads: transition_clusters, visits, journeys, $min_share
WITH counted AS (
    SELECT
        source,
        target,
        sum(n_transitions)::BIGINT AS n_transitions,
        sum(n_journeys)::BIGINT AS n_journeys,
        count(*) FILTER (n_transitions > 0 AND cluster_no > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open,
        any_value(n_clusters) AS n_clusters,
        sum(n_transitions::BIGINT * n_transitions)::HUGEINT AS hits_hits,
        sum(n_transitions::BIGINT * n_units)::HUGEINT AS hits_units
    FROM transition_clusters
    GROUP BY source, target
),
-- A cluster's transitions out of a source, squared, are the sum over its targets of hits times units.
rates AS (
    SELECT
        *,
        n_transitions / nullif(sum(n_transitions) OVER (), 0) AS share,
        n_transitions / nullif(sum(n_transitions) OVER of_target, 0) AS probability_in,
        sum(n_transitions) OVER of_source AS n_units,
        n_transitions / nullif(sum(n_transitions) OVER of_source, 0) AS probability,
        error_of_sums(
            n_clusters, n_transitions, hits_hits, hits_units,
            sum(n_transitions) OVER of_source, sum(hits_units) OVER of_source
        ) AS error
    FROM counted
    WINDOW of_source AS (PARTITION BY source), of_target AS (PARTITION BY target)
),
times AS (
    SELECT
        previous_name AS source,
        name AS target,
        -- As decimals they sum to the same in any order.
        avg(seconds_before::DECIMAL(18, 6)) AS mean_seconds,
        quantile_cont(seconds_before, [0.5, 0.9]) AS seconds
    FROM visits JOIN journeys USING (journey_no)
    WHERE NOT is_open AND previous_name IS NOT NULL
    GROUP BY previous_name, name
)
SELECT
    rates.source::VARCHAR AS "from",
    rates.target::VARCHAR AS "to",
    n_transitions,
    n_journeys,
    n_people,
    share,
    n_transitions / (SELECT nullif(count(*), 0) FROM journeys WHERE NOT is_open) AS per_journey,
    probability,
    wilson_low(probability, effective_units(probability, error, n_units)) AS probability_low,
    wilson_high(probability, effective_units(probability, error, n_units)) AS probability_high,
    probability_in,
    mean_seconds,
    seconds[1] AS median_seconds,
    seconds[2] AS p90_seconds,
    n_open
FROM rates LEFT JOIN times USING (source, target)
WHERE $min_share = 0 OR share >= $min_share
ORDER BY n_transitions DESC, rates.source, rates.target;
