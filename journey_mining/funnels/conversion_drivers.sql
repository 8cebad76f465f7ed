-- conversion_drivers: one row per name done between entry and conversion, or the end of an attempt that came to none:
-- how many of the converted and of the others did it.  key: name
-- Of each cluster are counted x = (converted with, lost with, converted, lost); x1_x3 and so on are the sums of their
-- products over all clusters, from which the error of an odds ratio follows.
-- reads: counted, sequences, wanted, observed, $at_least
WITH spans AS (
    SELECT sequence_no, cluster_no, entry_step, entered_at, is_converted, coalesce(ended_at, epoch_us(observed.as_of) + 1) AS until_at
    FROM counted, observed
    WHERE NOT is_open
),
done AS (
    SELECT name, sequence_no, cluster_no, entry_step, is_converted
    FROM spans JOIN sequences USING (sequence_no)
    WHERE at_us > entered_at AND at_us < until_at AND name::VARCHAR NOT IN (SELECT name FROM wanted)
    GROUP BY ALL
),
clusters AS (
    SELECT cluster_no, count(*) FILTER (is_converted) AS x3, count(*) FILTER (NOT is_converted) AS x4
    FROM spans
    GROUP BY cluster_no
),
totals AS (
    SELECT
        count(*) AS n_clusters, sum(x3)::BIGINT AS n_converted, sum(x4)::BIGINT AS n_lost,
        sum(x3 * x3)::BIGINT AS x3_x3, sum(x3 * x4)::BIGINT AS x3_x4, sum(x4 * x4)::BIGINT AS x4_x4
    FROM clusters
),
of_clusters AS (
    SELECT name, cluster_no, count(*) FILTER (is_converted) AS x1, count(*) FILTER (NOT is_converted) AS x2
    FROM done
    GROUP BY name, cluster_no
),
sums AS (
    SELECT
        name,
        sum(x1)::BIGINT AS x1, sum(x2)::BIGINT AS x2,
        sum(x1 * x1)::BIGINT AS x1_x1, sum(x1 * x2)::BIGINT AS x1_x2, sum(x2 * x2)::BIGINT AS x2_x2,
        sum(x1 * x3)::BIGINT AS x1_x3, sum(x1 * x4)::BIGINT AS x1_x4,
        sum(x2 * x3)::BIGINT AS x2_x3, sum(x2 * x4)::BIGINT AS x2_x4
    FROM of_clusters JOIN clusters USING (cluster_no)
    GROUP BY name
    HAVING sum(x1) + sum(x2) >= $at_least
)
SELECT
    name::VARCHAR AS name,
    x1 AS n_converted_with, n_converted - x1 AS n_converted_without,
    x2 AS n_lost_with, n_lost - x2 AS n_lost_without,
    n_clusters, x1_x1, x1_x2, x1_x3, x1_x4, x2_x2, x2_x3, x2_x4, x3_x3, x3_x4, x4_x4
FROM sums CROSS JOIN totals
ORDER BY sums.name;
