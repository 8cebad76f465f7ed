-- transition_clusters: one row per pair of names that follow each other, and cluster of journeys (a person's).
-- key: source, target, cluster_no.  Made once per alphabet; whatever is told of pairs is a sum over it.
-- n_transitions, n_journeys: of mature journeys; n_open: transitions of open ones; n_units: the mature transitions of
-- the cluster out of source, which the row is a part of; n_clusters: all clusters with a mature transition out of source.
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
owners AS (
    SELECT journey_no, cluster_no, is_open, count(*) OVER (PARTITION BY cluster_no) = 1 AS is_alone
    FROM journeys
),
-- Journeys and people once each, before they are counted: the quick way to count what is distinct.
by_journey AS MATERIALIZED (
    SELECT
        source, target, cluster_no, is_alone,
        CASE WHEN is_open THEN 0 ELSE n END AS n_transitions,
        CASE WHEN is_open THEN 0 ELSE 1 END AS n_journeys,
        CASE WHEN is_open THEN n ELSE 0 END AS n_open
    FROM (SELECT source, target, journey_no, count(*)::INTEGER AS n FROM moves GROUP BY source, target, journey_no) AS counted
    JOIN owners USING (journey_no)
),
-- Somebody's only journey is a cluster as it is.
by_cluster AS (
    SELECT * EXCLUDE (is_alone) FROM by_journey WHERE is_alone
    UNION ALL
    SELECT
        source, target, cluster_no,
        sum(n_transitions)::INTEGER, sum(n_journeys)::INTEGER, sum(n_open)::INTEGER
    FROM by_journey
    WHERE NOT is_alone
    GROUP BY source, target, cluster_no
),
units AS MATERIALIZED (
    SELECT name AS source, cluster_no, (count(*) FILTER (NOT is_open))::INTEGER AS n_units
    FROM visits JOIN owners USING (journey_no)
    GROUP BY name, cluster_no
    UNION ALL
    SELECT '(start)', cluster_no, (count(*) FILTER (NOT is_open))::INTEGER
    FROM owners
    GROUP BY cluster_no
),
sources AS (
    SELECT source, (count(*) FILTER (n_units > 0))::INTEGER AS n_clusters FROM units GROUP BY source
)
SELECT by_cluster.*, n_units, n_clusters
FROM by_cluster JOIN units USING (source, cluster_no) JOIN sources USING (source);
