-- periods: one row per journey or KPI and period: the days that the period spans.
-- key: measure, period
-- partition: none
-- publish: work
-- reads: journey_outcomes, kpi_units, kpi_targets, settings
-- A day is closed when none of its units is immature.  The current period ends with the last closed day before the
-- first open one; the previous period is as long and ends the day before it.
WITH units AS (
    SELECT 'journey:' || journey AS measure, started_on AS entered_on, is_mature FROM journey_outcomes
    UNION ALL
    SELECT 'kpi:' || units.kpi, units.entered_on, units.matures_at IS NULL OR units.matures_at <= targets.as_of
    FROM kpi_units AS units
    JOIN kpi_targets AS targets ON units.kpi = targets.kpi
),
closed AS (
    SELECT measure, min(entered_on) AS first_on, max(entered_on) AS last_on,
        coalesce(plus_days(min(CASE WHEN NOT is_mature THEN entered_on END), -1), max(entered_on)) AS closed_on
    FROM units
    GROUP BY measure
)
SELECT measure, 'all' AS period, first_on, last_on, closed_on FROM closed
UNION ALL
SELECT measure, 'current', plus_days(closed_on, 1 - period_days), closed_on, closed_on FROM closed, settings
UNION ALL
SELECT measure, 'previous', plus_days(closed_on, 1 - 2 * period_days), plus_days(closed_on, -period_days), closed_on FROM closed, settings;
