-- transition_clusters: one row per pair of names that follow each other, and cluster of journeys (a person's).
-- key: source, target, cluster_no.  Made once per alphabet; whatever is told of pairs is a sum over it.
-- n_transitions, n_journeys: of mature journeys; n_open: transitions of open ones; n_units: the mature transitions of
-- the cluster out of source, which the row is a part of; is_first: on one row per source and cluster that has any.
-- reads: visits, journeys
CREATE TABLE IF NOT EXISTS transition_clusters AS
WITH moves AS (
    SELECT journey_no, coalesce(previous_name, '(start)') AS source, name AS target
    FROM visits
    UNION ALL
    SELECT journey_no, name, end_name
    FROM visits JOIN journeys USING (journey_no)
    WHERE is_last
),
-- Journeys and people once each, before they are counted: the quick way to count what is distinct.
by_journey AS (
    SELECT source, target, journey_no, count(*) AS n
    FROM moves
    GROUP BY source, target, journey_no
),
by_cluster AS MATERIALIZED (
    SELECT
        source, target, cluster_no,
        coalesce(sum(n) FILTER (NOT is_open), 0)::INTEGER AS n_transitions,
        (count(*) FILTER (NOT is_open))::INTEGER AS n_journeys,
        coalesce(sum(n) FILTER (is_open), 0)::INTEGER AS n_open
    FROM by_journey JOIN journeys USING (journey_no)
    GROUP BY source, target, cluster_no
),
units AS (
    SELECT
        source, cluster_no,
        sum(n_transitions)::INTEGER AS n_units,
        min(target) FILTER (n_transitions > 0) AS first_target
    FROM by_cluster
    GROUP BY source, cluster_no
)
SELECT by_cluster.*, n_units, coalesce(target = first_target, FALSE) AS is_first
FROM by_cluster JOIN units USING (source, cluster_no);
