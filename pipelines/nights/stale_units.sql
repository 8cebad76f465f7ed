-- stale_units: units of KPIs that are made anew, as they were.
SELECT units.*
FROM journeys.main.kpi_units AS units
JOIN kpi_parts AS parts ON units.kpi = parts.kpi
LEFT JOIN touched_people AS touched ON units.person_id = touched.person_id
LEFT JOIN touched_journeys AS journeys ON units.unit_id = journeys.journey_id
WHERE CASE parts.part
    WHEN 'person' THEN touched.person_id IS NOT NULL
    WHEN 'since' THEN units.entered_at >= touched.since
    WHEN 'journey' THEN journeys.journey_id IS NOT NULL
    ELSE TRUE
END;
