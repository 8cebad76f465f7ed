-- by_unit.kpi_units: units that have come, and others under their ids.
-- kind: view
SELECT units.* FROM journeys.main.kpi_units AS units SEMI JOIN come_units AS come ON units.kpi = come.kpi AND units.unit_id = come.unit_id;
