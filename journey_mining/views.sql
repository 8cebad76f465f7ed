-- What every analysis reads: the views `journeys` and `visits` over the table `steps`, and the interval macros.
-- reads: steps (journey_id, person_id, step_number, occurred_at, name, outcome, is_every_step_counted)

-- journeys: one row per journey.  key: journey_id
-- A journey belongs to one person, the smallest id on its steps; without a person it is a cluster of its own.
CREATE TEMP VIEW journeys AS
SELECT
    journey_id,
    min(person_id) AS person_id,
    coalesce('person ' || min(person_id), 'journey ' || journey_id) AS cluster_id,
    coalesce(min(outcome) = 'open', FALSE) AS is_open,
    CASE min(outcome)
        WHEN 'succeeded' THEN '(success)' WHEN 'dropped' THEN '(dropped)'
        WHEN 'active' THEN '(active)' WHEN 'open' THEN '(open)' ELSE '(end)'
    END AS end_name
FROM steps
GROUP BY journey_id;

-- visits: one row per visit, a run of consecutive steps with one name (or one step, where every step counts).
-- key: journey_id, visit_number.  seconds_before: from the last step of the visit before to the first of this one.
CREATE TEMP VIEW visits AS
WITH followed AS (
    SELECT *, lag(name) OVER in_order AS previous_name, lag(occurred_at) OVER in_order AS previous_at
    FROM steps
    WINDOW in_order AS (PARTITION BY journey_id ORDER BY step_number)
)
SELECT
    journey_id,
    row_number() OVER in_order AS visit_number,
    name,
    previous_name,
    (epoch_us(occurred_at) - epoch_us(previous_at)) / 1e6 AS seconds_before,
    lead(name) OVER in_order IS NULL AS is_last
FROM followed
WHERE is_every_step_counted OR previous_name IS DISTINCT FROM name
WINDOW in_order AS (PARTITION BY journey_id ORDER BY step_number);

-- The standard error of sum(hits) / sum(units) over clusters (one row each): ratio estimator,
--     sqrt(P/(P-1) * sum((hits - R * units)^2) / N^2),   R = sum(hits)/N,   N = sum(units),   P clusters with a unit.
-- The squares are expanded over whole numbers: exact, so that neither order nor threads can change a digit.
CREATE TEMP MACRO clustered_error(hits, units) AS sqrt(
    count(*) FILTER (units > 0) / nullif(count(*) FILTER (units > 0) - 1, 0)
    * (
        sum(units)::HUGEINT * sum(units)::HUGEINT * sum(hits * hits)::HUGEINT
        - 2 * sum(units)::HUGEINT * sum(hits)::HUGEINT * sum(hits * units)::HUGEINT
        + sum(hits)::HUGEINT * sum(hits)::HUGEINT * sum(units * units)::HUGEINT
    )::DOUBLE
    / nullif(sum(units)::DOUBLE ** 4, 0)
);

-- How many independent units would give the same error. Without any spread (a rate of 0 or 1, or every cluster
-- alike) the clusters say nothing about it, and the number of units stands in. NULL without an error.
CREATE TEMP MACRO effective_units(rate, error, units) AS
    CASE WHEN error > 0 THEN rate * (1 - rate) / (error * error) WHEN error = 0 THEN units::DOUBLE END;

-- The limits of Wilson's 95 % score interval (E. B. Wilson 1927); the rate itself is always inside.
CREATE TEMP MACRO z_95() AS 1.959963984540054e0;

CREATE TEMP MACRO wilson_low(rate, units) AS CASE WHEN units > 0 THEN least(rate, greatest(0, (
    rate + z_95() ** 2 / (2 * units) - z_95() * sqrt(rate * (1 - rate) / units + z_95() ** 2 / (4 * units * units))
) / (1 + z_95() ** 2 / units))) END;

CREATE TEMP MACRO wilson_high(rate, units) AS CASE WHEN units > 0 THEN greatest(rate, least(1, (
    rate + z_95() ** 2 / (2 * units) + z_95() * sqrt(rate * (1 - rate) / units + z_95() ** 2 / (4 * units * units))
) / (1 + z_95() ** 2 / units))) END;
