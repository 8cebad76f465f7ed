-- kpi_units: one row per KPI and countable unit, whatever the KPI: who, when it was entered, what came of it.
-- key: kpi, unit_id
-- partition: unit
-- reads: cart_abandonment_rate, checkout_completion_rate, contact_rate, conversion_rate, csat_mean, csat_score, first_response_hours, hours_to_success, login_success_rate, payment_completion_rate, repeat_purchase_rate, resolution_hours, search_success_rate, kpi_targets, sessions, local_days
-- The persona is that of the journey or session that the unit is; else that of the person's latest session by then.
WITH inside AS (
    SELECT 'cart_abandonment_rate' AS kpi, unit_id, person_id, subject_id, entered_at, persona, CAST(value AS DOUBLE) AS value, matures_at FROM cart_abandonment_rate
    UNION ALL
    SELECT 'checkout_completion_rate' AS kpi, unit_id, person_id, subject_id, entered_at, persona, CAST(value AS DOUBLE) AS value, matures_at FROM checkout_completion_rate
    UNION ALL
    SELECT 'conversion_rate' AS kpi, unit_id, person_id, subject_id, entered_at, persona, CAST(value AS DOUBLE) AS value, matures_at FROM conversion_rate
    UNION ALL
    SELECT 'hours_to_success' AS kpi, unit_id, person_id, subject_id, entered_at, persona, CAST(value AS DOUBLE) AS value, matures_at FROM hours_to_success
    UNION ALL
    SELECT 'payment_completion_rate' AS kpi, unit_id, person_id, subject_id, entered_at, persona, CAST(value AS DOUBLE) AS value, matures_at FROM payment_completion_rate
),
outside AS (
    SELECT 'contact_rate' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM contact_rate
    UNION ALL
    SELECT 'csat_mean' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM csat_mean
    UNION ALL
    SELECT 'csat_score' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM csat_score
    UNION ALL
    SELECT 'first_response_hours' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM first_response_hours
    UNION ALL
    SELECT 'login_success_rate' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM login_success_rate
    UNION ALL
    SELECT 'repeat_purchase_rate' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM repeat_purchase_rate
    UNION ALL
    SELECT 'resolution_hours' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM resolution_hours
    UNION ALL
    SELECT 'search_success_rate' AS kpi, unit_id, person_id, subject_id, entered_at, CAST(value AS DOUBLE) AS value, matures_at FROM search_success_rate
),
moments AS (
    SELECT kpi, unit_id, person_id, subject_id, entered_at, CAST(NULL AS VARCHAR) AS persona, value, matures_at, 1 AS is_unit FROM outside
    UNION ALL
    SELECT NULL, session_id, person_id, NULL, started_at, persona, NULL, NULL, 0
    FROM sessions
    WHERE person_id IN (SELECT person_id FROM outside)
),
followed AS (
    SELECT kpi, unit_id, person_id, subject_id, entered_at, value, matures_at, is_unit,
        last_value(persona IGNORE NULLS) OVER (
            PARTITION BY person_id ORDER BY entered_at, is_unit, kpi, unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS persona
    FROM moments
),
units AS (
    SELECT kpi, unit_id, person_id, subject_id, entered_at, persona, value, matures_at
    FROM inside
    UNION ALL
    SELECT kpi, unit_id, person_id, subject_id, entered_at, coalesce(persona, 'other') AS persona, value, matures_at
    FROM followed
    WHERE is_unit = 1
)
SELECT units.kpi, units.unit_id, units.person_id, units.subject_id, units.entered_at, local_days.local_on AS entered_on,
    units.persona, units.value, units.matures_at
FROM units
JOIN kpi_targets ON units.kpi = kpi_targets.kpi AND kpi_targets.missing_roles IS NULL
LEFT JOIN local_days ON quarter_of(units.entered_at) = local_days.quarter_at;
