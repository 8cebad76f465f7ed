-- conversion_lift: one row: how many journeys with a start came to the end after it, and how many have the end at all.
-- Both rates are ratios clustered by person, and partly of the same journeys: the interval of the lift is that of a ratio of
-- two correlated ratios, on the scale of logarithms.
-- reads: journeys, visits, starts, anchors (the end after the start), ends, $most_steps, $most_time (NULL: any)
WITH moved AS (
    SELECT
        starts.journey_no,
        anchors.visit_number - starts.visit_number AS n_after,
        coalesce(visits.entered_at, CASE WHEN starts.visit_number < 1 THEN started_at ELSE ended_at END) AS since,
        coalesce(later.entered_at, ended_at) AS until
    FROM starts JOIN journeys USING (journey_no)
    LEFT JOIN anchors USING (journey_no)
    LEFT JOIN visits ON visits.journey_no = starts.journey_no AND visits.visit_number = starts.visit_number
    LEFT JOIN visits AS later ON later.journey_no = starts.journey_no AND later.visit_number = anchors.visit_number
),
told AS (
    SELECT
        cluster_no,
        person_no,
        is_open,
        moved.journey_no IS NOT NULL AS has_start,
        n_after IS NOT NULL
            AND coalesce(n_after <= $most_steps, TRUE)
            AND coalesce(until <= since + $most_time::INTERVAL, TRUE) AS is_converted,
        ends.journey_no IS NOT NULL AS has_end
    FROM journeys LEFT JOIN moved USING (journey_no) LEFT JOIN ends USING (journey_no)
),
clusters AS (
    SELECT
        cluster_no,
        any_value(person_no) AS person_no,
        count(*) FILTER (NOT is_open AND has_start) AS units_a,
        count(*) FILTER (NOT is_open AND is_converted) AS hits_a,
        count(*) FILTER (NOT is_open) AS units_b,
        count(*) FILTER (NOT is_open AND has_end) AS hits_b,
        count(*) FILTER (is_open AND has_start) AS n_open
    FROM told
    GROUP BY cluster_no
),
sums AS (
    SELECT
        sum(units_a)::BIGINT AS units_a,
        sum(hits_a)::BIGINT AS hits_a,
        sum(units_b)::BIGINT AS units_b,
        sum(hits_b)::BIGINT AS hits_b,
        count(person_no) FILTER (units_a > 0) AS n_people,
        count(*) FILTER (units_a > 0) AS n_clusters_a,
        count(*) FILTER (units_b > 0) AS n_clusters_b,
        sum(n_open)::BIGINT AS n_open,
        sum(hits_a) / nullif(sum(units_a), 0) AS rate,
        sum(hits_b) / nullif(sum(units_b), 0) AS base_rate,
        clustered_error(hits_a, units_a) AS error_a,
        clustered_error(hits_b, units_b) AS error_b,
        sum(hits_a * hits_b) AS hits_a_hits_b,
        sum(hits_a * units_b) AS hits_a_units_b,
        sum(units_a * hits_b) AS units_a_hits_b,
        sum(units_a * units_b) AS units_a_units_b
    FROM clusters
),
limits AS (
    SELECT
        *,
        wilson_low(rate, effective_units(rate, error_a, units_a)) AS low,
        wilson_high(rate, effective_units(rate, error_a, units_a)) AS high,
        wilson_low(base_rate, effective_units(base_rate, error_b, units_b)) AS base_low,
        wilson_high(base_rate, effective_units(base_rate, error_b, units_b)) AS base_high,
        -- Of the errors without their factor P/(P-1), which the products do not have either.
        correlation_of_sums(
            error_a * sqrt((n_clusters_a - 1) / n_clusters_a), error_b * sqrt((n_clusters_b - 1) / n_clusters_b),
            hits_a, hits_b, hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a, units_b, units_a_units_b
        ) AS correlation
    FROM sums
),
-- A rate without any spread is not known for certain: half of its interval stands in.
relative AS (
    SELECT
        *,
        CASE WHEN error_a > 0 THEN error_a ELSE (high - low) / (2 * z_95()) END / nullif(rate, 0) AS of_rate,
        CASE WHEN error_b > 0 THEN error_b ELSE (base_high - base_low) / (2 * z_95()) END / nullif(base_rate, 0) AS of_base
    FROM limits
),
lifts AS (
    SELECT
        *,
        rate / nullif(base_rate, 0) AS lift,
        CASE WHEN of_rate >= 0 AND of_base >= 0 THEN
            sqrt(greatest(0, of_rate ** 2 + of_base ** 2 - 2 * correlation * of_rate * of_base))
        END AS log_error
    FROM relative
)
SELECT
    units_a AS n_journeys,
    n_people,
    hits_a AS n_converted,
    rate,
    low,
    high,
    units_b AS n_all,
    hits_b AS n_with_end,
    base_rate,
    base_low,
    base_high,
    lift,
    lift * exp(-z_95() * log_error) AS lift_low,
    lift * exp(z_95() * log_error) AS lift_high,
    n_open
FROM lifts;
