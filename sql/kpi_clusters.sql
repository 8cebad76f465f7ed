-- kpi_clusters: one row per KPI, persona or (all), day, week or period, and person: how many mature units, and their sum.
-- key: kpi, persona, period, day, cluster
-- partition: cluster
-- publish: no
-- reads: kpi_cluster_days, periods
SELECT kpi, persona, 'day' AS period, day, cluster, person_id, n, x
FROM kpi_cluster_days
UNION ALL
SELECT kpi, persona, 'week', CAST(date_trunc('week', day) AS DATE), cluster, min(person_id), CAST(sum(n) AS BIGINT), CAST(sum(x) AS DECIMAL(18, 4))
FROM kpi_cluster_days
GROUP BY kpi, persona, CAST(date_trunc('week', day) AS DATE), cluster
UNION ALL
SELECT days.kpi, days.persona, periods.period, CAST(NULL AS DATE), days.cluster, min(days.person_id), CAST(sum(days.n) AS BIGINT), CAST(sum(days.x) AS DECIMAL(18, 4))
FROM kpi_cluster_days AS days
JOIN periods ON 'kpi:' || days.kpi = periods.measure AND days.day BETWEEN periods.first_on AND periods.last_on
GROUP BY days.kpi, days.persona, periods.period, days.cluster;
