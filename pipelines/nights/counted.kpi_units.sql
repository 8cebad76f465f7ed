-- counted.kpi_units: all units of changed people, for the KPIs in which they changed.
WITH changed AS (
    SELECT kpi_targets.kpi, changed_clusters.cluster
    FROM changed_clusters
    JOIN kpi_targets ON changed_clusters.measure = 'kpi:' || kpi_targets.kpi
)
SELECT units.kpi, units.unit_id, units.person_id, units.entered_on, units.persona, units.value, units.matures_at
FROM kpi_units AS units
JOIN changed ON units.kpi = changed.kpi AND coalesce(units.person_id, units.unit_id) = changed.cluster;
