-- kpi_person_days: one row per KPI, day, persona and person: how many mature units, and their sum.
-- key: kpi, entered_on, persona, cluster
-- partition: none
-- publish: no
-- reads: kpi_units, kpi_targets
-- A unit that no person is known for is a cluster of its own.  Sums run over DECIMAL, so that they are the same in any order.
SELECT units.kpi, units.entered_on, units.persona, coalesce(units.person_id, units.unit_id) AS cluster, min(units.person_id) AS person_id,
    count(*) AS n, sum(CAST(units.value AS DECIMAL(18, 4))) AS x
FROM kpi_units AS units
JOIN kpi_targets AS targets ON units.kpi = targets.kpi
WHERE units.matures_at IS NULL OR units.matures_at <= targets.as_of
GROUP BY units.kpi, units.entered_on, units.persona, coalesce(units.person_id, units.unit_id);
