-- kpi_daily__add_up_to_all: the days of a KPI add up to its whole, where none of them is frozen
SELECT kpi, persona
FROM (
    SELECT kpi, persona, n_units AS n FROM kpi_status WHERE period = 'all'
    UNION ALL
    SELECT kpi, persona, -n_units FROM kpi_daily
)
WHERE kpi NOT IN (SELECT kpi FROM frozen_kpis)
GROUP BY kpi, persona
HAVING sum(n) <> 0;
