-- kpi_units__have_one_row_each: no unit of a KPI is counted twice
SELECT kpi, unit_id FROM kpi_units GROUP BY kpi, unit_id HAVING count(*) > 1;
