-- counted.kpi_units: all units of changed people, for the KPIs in which they changed.
SELECT units.kpi, units.unit_id, units.person_id, units.entered_on, units.persona, units.value, units.matures_at
FROM kpi_units AS units
JOIN changed_clusters AS changed
    ON changed.measure = 'kpi:' || units.kpi AND changed.cluster = coalesce(units.person_id, units.unit_id);
