-- kpi_status__rates_lie_between_0_and_1: a share and its interval lie between 0 and 1, in this order
SELECT kpi, persona, period, low, value, high
FROM kpi_status
JOIN kpi_targets USING (kpi)
WHERE statistic = 'rate' AND NOT (0 <= low AND low <= value + 1e-9 AND value <= high + 1e-9 AND high <= 1);
