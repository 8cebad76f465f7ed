-- kpi_cluster_days: one row per KPI, persona or (all), day, and person: how many mature units, and their sum.
-- key: kpi, persona, day, cluster
-- partition: cluster
-- publish: no
-- reads: kpi_units, kpi_targets
-- A unit that no person is known for is a cluster of its own.  Sums run over DECIMAL, so that they are the same in any order.
SELECT units.kpi, CASE WHEN grouping(units.persona) = 1 THEN '(all)' ELSE units.persona END AS persona, units.entered_on AS day,
    coalesce(units.person_id, units.unit_id) AS cluster, min(units.person_id) AS person_id,
    count(*) AS n, CAST(coalesce(sum(CAST(units.value AS DECIMAL(18, 4))), 0) AS DECIMAL(18, 4)) AS x
FROM kpi_units AS units
JOIN kpi_targets AS targets ON units.kpi = targets.kpi
WHERE units.matures_at IS NULL OR units.matures_at <= targets.as_of
GROUP BY GROUPING SETS (
    (units.kpi, units.persona, units.entered_on, coalesce(units.person_id, units.unit_id)),
    (units.kpi, units.entered_on, coalesce(units.person_id, units.unit_id)));
