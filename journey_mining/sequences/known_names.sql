-- known_names: one row per name in use.  key: name
-- reads: visits
SELECT name::VARCHAR AS name FROM visits GROUP BY name ORDER BY name;
