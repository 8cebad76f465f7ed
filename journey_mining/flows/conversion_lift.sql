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
        coalesce(n_after > 0, FALSE)
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
            error_a * sqrt(greatest(0, (n_clusters_a - 1) / nullif(n_clusters_a, 0))),
            error_b * sqrt(greatest(0, (n_clusters_b - 1) / nullif(n_clusters_b, 0))),
            hits_a, hits_b, hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a, units_b, units_a_units_b
        ) AS correlation
    FROM sums
),
-- On the scale of logarithms, in standard errors. A rate without any spread is not known for certain: its interval stands in,
-- downwards and upwards, since it may lie on one side alone.
relative AS (
    SELECT
        *,
        CASE WHEN error_a > 0 THEN error_a / nullif(rate, 0) WHEN low > 0 THEN ln(rate / low) / z_95() END AS rate_down,
        CASE WHEN error_a > 0 THEN error_a / nullif(rate, 0) WHEN rate > 0 THEN ln(high / rate) / z_95() END AS rate_up,
        CASE WHEN error_b > 0 THEN error_b / nullif(base_rate, 0) WHEN base_low > 0 THEN ln(base_rate / base_low) / z_95() END
            AS base_down,
        CASE WHEN error_b > 0 THEN error_b / nullif(base_rate, 0) WHEN base_rate > 0 THEN ln(base_high / base_rate) / z_95() END
            AS base_up
    FROM limits
),
lifts AS (
    SELECT
        *,
        rate / nullif(base_rate, 0) AS lift,
        rate_down ** 2 + base_up ** 2 - 2 * correlation * rate_down * base_up AS down,
        rate_up ** 2 + base_down ** 2 - 2 * correlation * rate_up * base_down AS up
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
    CASE WHEN down IS NOT NULL THEN lift * exp(-z_95() * sqrt(greatest(0, down))) END AS lift_low,
    CASE WHEN up IS NOT NULL THEN lift * exp(z_95() * sqrt(greatest(0, up))) END AS lift_high,
    n_open
FROM lifts;
