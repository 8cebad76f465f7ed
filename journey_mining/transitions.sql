-- transitions: one row per pair of names that follow each other.  key: from, to
-- Counts, shares and seconds are of mature journeys; n_open counts the transitions of open ones.
-- reads: visits, journeys
WITH seen AS MATERIALIZED (
    SELECT * FROM visits JOIN journeys USING (journey_id)
),
edges AS (
    SELECT journey_id, person_id, is_open, coalesce(previous_name, '(start)') AS source, name AS target, seconds_before
    FROM seen
    UNION ALL
    SELECT journey_id, person_id, is_open, name, end_name, NULL
    FROM seen
    WHERE is_last
),
counted AS (
    SELECT
        source,
        target,
        count(*) FILTER (NOT is_open) AS n_transitions,
        count(DISTINCT journey_id) FILTER (NOT is_open) AS n_journeys,
        count(DISTINCT person_id) FILTER (NOT is_open) AS n_people,
        quantile_cont(seconds_before, 0.5) FILTER (NOT is_open) AS median_seconds,
        quantile_cont(seconds_before, 0.9) FILTER (NOT is_open) AS p90_seconds,
        count(*) FILTER (is_open) AS n_open
    FROM edges
    GROUP BY source, target
)
SELECT
    source AS "from",
    target AS "to",
    n_transitions,
    n_journeys,
    n_people,
    n_transitions / nullif(sum(n_transitions) OVER (PARTITION BY source), 0) AS probability,
    median_seconds,
    p90_seconds,
    n_open
FROM counted
ORDER BY n_transitions DESC, source, target;
