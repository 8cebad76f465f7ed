-- kpi_clusters: one row per KPI, persona or (all), day, week or period, and person: how many mature units, and their sum.
-- key: kpi, persona, period, day, cluster
-- partition: none
-- publish: no
-- reads: kpi_person_days, periods
WITH dated AS (
    SELECT kpi, persona, 'day' AS period, entered_on AS day, cluster, person_id, n, x, entered_on AS first_on, entered_on AS last_on
    FROM kpi_person_days
    UNION ALL
    SELECT kpi, persona, 'week', CAST(date_trunc('week', entered_on) AS DATE), cluster, min(person_id), sum(n), sum(x), min(entered_on), max(entered_on)
    FROM kpi_person_days
    GROUP BY kpi, persona, CAST(date_trunc('week', entered_on) AS DATE), cluster
    UNION ALL
    SELECT days.kpi, days.persona, periods.period, CAST(NULL AS DATE), days.cluster, min(days.person_id), sum(days.n), sum(days.x),
        min(days.entered_on), max(days.entered_on)
    FROM kpi_person_days AS days
    JOIN periods ON 'kpi:' || days.kpi = periods.measure AND days.entered_on BETWEEN periods.first_on AND periods.last_on
    GROUP BY days.kpi, days.persona, periods.period, days.cluster
),
everyone AS (
    SELECT kpi, persona, period, day, cluster, person_id, n, x, first_on, last_on FROM dated
    UNION ALL
    SELECT kpi, '(all)', period, day, cluster, min(person_id), sum(n), sum(x), min(first_on), max(last_on)
    FROM dated
    GROUP BY kpi, period, day, cluster
)
SELECT kpi, persona, period, day, cluster, person_id, CAST(n AS BIGINT) AS n, CAST(x AS DECIMAL(18, 4)) AS x, first_on, last_on
FROM everyone;
