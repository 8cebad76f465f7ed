-- kpi_clusters: one row per KPI, persona or (all), day, week or period, and person: how many mature units, and their sum.
-- key: kpi, persona, period, day, cluster
-- partition: cluster
-- publish: no
-- reads: kpi_units, kpi_targets, periods
-- A unit that no person is known for is a cluster of its own.  Sums run over DECIMAL, so that they are the same in any order.
WITH person_days AS (
    SELECT units.kpi, units.entered_on, units.persona, coalesce(units.person_id, units.unit_id) AS cluster, min(units.person_id) AS person_id,
        count(*) AS n, coalesce(sum(CAST(units.value AS DECIMAL(18, 4))), 0) AS x
    FROM kpi_units AS units
    JOIN kpi_targets AS targets ON units.kpi = targets.kpi
    WHERE units.matures_at IS NULL OR units.matures_at <= targets.as_of
    GROUP BY units.kpi, units.entered_on, units.persona, coalesce(units.person_id, units.unit_id)
),
dated AS (
    SELECT kpi, persona, 'day' AS period, entered_on AS day, cluster, person_id, n, x
    FROM person_days
    UNION ALL
    SELECT kpi, persona, 'week', CAST(date_trunc('week', entered_on) AS DATE), cluster, min(person_id), sum(n), sum(x)
    FROM person_days
    GROUP BY kpi, persona, CAST(date_trunc('week', entered_on) AS DATE), cluster
    UNION ALL
    SELECT days.kpi, days.persona, periods.period, CAST(NULL AS DATE), days.cluster, min(days.person_id), sum(days.n), sum(days.x)
    FROM person_days AS days
    JOIN periods ON 'kpi:' || days.kpi = periods.measure AND days.entered_on BETWEEN periods.first_on AND periods.last_on
    GROUP BY days.kpi, days.persona, periods.period, days.cluster
),
everyone AS (
    SELECT kpi, persona, period, day, cluster, person_id, n, x FROM dated
    UNION ALL
    SELECT kpi, '(all)', period, day, cluster, min(person_id), sum(n), sum(x)
    FROM dated
    GROUP BY kpi, period, day, cluster
)
SELECT kpi, persona, period, day, cluster, person_id, CAST(n AS BIGINT) AS n, CAST(x AS DECIMAL(18, 4)) AS x
FROM everyone;
