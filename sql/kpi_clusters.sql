-- kpi_clusters: one row per KPI, persona or (all), day, week or period, and person: how many mature units, and their sum.
-- key: kpi, persona, period, day, cluster
-- partition: none
-- publish: no
-- reads: kpi_person_days, periods
WITH dated AS (
    SELECT days.*, 'day' AS period, entered_on AS day FROM kpi_person_days AS days
    UNION ALL
    SELECT days.*, 'week', CAST(date_trunc('week', entered_on) AS DATE) FROM kpi_person_days AS days
    UNION ALL
    SELECT days.*, periods.period, CAST(NULL AS DATE)
    FROM kpi_person_days AS days
    JOIN periods ON 'kpi:' || days.kpi = periods.measure AND days.entered_on BETWEEN periods.first_on AND periods.last_on
)
SELECT kpi, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, day, cluster, min(person_id) AS person_id,
    CAST(sum(n) AS BIGINT) AS n, CAST(sum(x) AS DECIMAL(18, 4)) AS x, min(entered_on) AS first_on, max(entered_on) AS last_on
FROM dated
GROUP BY GROUPING SETS ((kpi, period, day, cluster, persona), (kpi, period, day, cluster));
