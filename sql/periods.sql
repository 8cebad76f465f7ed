-- periods: one row per journey or KPI and period: the days that the period spans.
-- key: measure, period
-- partition: none
-- publish: work
-- reads: journey_outcomes, kpi_units, kpi_targets, journey_definitions, settings
-- A day is closed when it is over, as of the instant that its sources are complete to, and none of its units is immature.
-- The current period ends with the last closed day before the first open one; the previous period is as long and ends
-- the day before it.
WITH units AS (
    SELECT 'journey:' || outcomes.journey AS measure, outcomes.started_on AS entered_on, outcomes.is_mature, definitions.over_on
    FROM journey_outcomes AS outcomes
    JOIN journey_definitions AS definitions ON outcomes.journey = definitions.journey
    UNION ALL
    SELECT 'kpi:' || units.kpi, units.entered_on, units.matures_at IS NULL OR units.matures_at <= targets.as_of, targets.over_on
    FROM kpi_units AS units
    JOIN kpi_targets AS targets ON units.kpi = targets.kpi
),
closed AS (
    SELECT measure, min(entered_on) AS first_on, max(entered_on) AS last_on,
        least(coalesce(plus_days(min(CASE WHEN NOT is_mature THEN entered_on END), -1), max(entered_on)), min(over_on)) AS closed_on
    FROM units
    GROUP BY measure
)
SELECT measure, 'all' AS period, first_on, last_on, closed_on FROM closed
UNION ALL
SELECT measure, 'current', plus_days(closed_on, 1 - period_days), closed_on, closed_on FROM closed, settings
UNION ALL
SELECT measure, 'previous', plus_days(closed_on, 1 - 2 * period_days), plus_days(closed_on, -period_days), closed_on FROM closed, settings;
