-- One row: how many clusters (people, or journeys of nobody) have a mature journey.
-- reads: finishes
SELECT count(DISTINCT cluster_no) AS n_clusters FROM finishes WHERE NOT is_open;
