-- restatements__lead_to_figures: what this build restated is what it tells now
SELECT said.kpi, said.day, said.persona
FROM restatements AS said
JOIN build ON said.build_id = build.build_id
LEFT JOIN kpi_daily AS now ON said.kpi = now.kpi AND said.day = now.day AND said.persona = now.persona
WHERE NOT (said.new_value IS NOT DISTINCT FROM now.value AND said.new_n_units = coalesce(now.n_units, 0));
