-- total_conformance: one row: how all mature journeys fit the design.
-- fitness: the mean of the journeys'.
-- reads: deviations, journeys
WITH clusters AS (
    SELECT
        cluster_no, person_no,
        count(*) AS n_units,
        count(*) FILTER (fitness = 1 AND n_late = 0) AS n_conforming,
        sum(fitness::DECIMAL(18, 9)) AS fitness,
        sum(n_skipped) AS n_skipped, sum(n_unreached) AS n_unreached, sum(n_inserted) AS n_inserted,
        sum(n_out_of_order) AS n_out_of_order, sum(n_late) AS n_late
    FROM deviations JOIN journeys USING (journey_no)
    WHERE NOT is_open
    GROUP BY cluster_no, person_no
),
sums AS (
    SELECT
        coalesce(sum(n_units), 0)::BIGINT AS n_journeys,
        count(person_no) AS n_people,
        sum(fitness)::DOUBLE / nullif(sum(n_units), 0) AS fitness,
        ratio_error(
            count(*), sum(fitness)::DOUBLE, sum(fitness * fitness)::DOUBLE, sum(fitness * n_units)::DOUBLE,
            sum(n_units), sum(n_units * n_units)
        ) AS error,
        coalesce(sum(n_conforming), 0)::BIGINT AS n_conforming,
        sum(n_conforming) / nullif(sum(n_units), 0) AS conforming_share,
        clustered_error(n_conforming, n_units) AS conforming_error,
        coalesce(sum(n_skipped), 0)::BIGINT AS n_skipped,
        coalesce(sum(n_unreached), 0)::BIGINT AS n_unreached,
        coalesce(sum(n_inserted), 0)::BIGINT AS n_inserted,
        coalesce(sum(n_out_of_order), 0)::BIGINT AS n_out_of_order,
        coalesce(sum(n_late), 0)::BIGINT AS n_late
    FROM clusters
)
SELECT
    n_journeys,
    n_people,
    fitness,
    wilson_low(fitness, effective_units(fitness, error, n_journeys)) AS fitness_low,
    wilson_high(fitness, effective_units(fitness, error, n_journeys)) AS fitness_high,
    error AS fitness_error,
    n_conforming,
    conforming_share,
    wilson_low(conforming_share, effective_units(conforming_share, conforming_error, n_journeys)) AS conforming_low,
    wilson_high(conforming_share, effective_units(conforming_share, conforming_error, n_journeys)) AS conforming_high,
    n_skipped,
    n_unreached,
    n_inserted,
    n_out_of_order,
    n_late,
    (SELECT count(*) FROM journeys WHERE is_open) AS n_open
FROM sums;
