-- The words in which every rate is told with its uncertainty.

-- The standard error of sum(hits) / sum(units) over clusters (one row each): ratio estimator,
--     sqrt(P/(P-1) * sum((hits - R * units)^2) / N^2),   R = sum(hits)/N,   N = sum(units),   P clusters with a unit.
-- The squares are expanded over whole numbers: exact, so that neither order nor threads can change a digit.
-- Here from sums, to which clusters without a hit add nothing but units: hits_hits is sum(hits * hits), and so on.
CREATE MACRO error_of_sums(n_clusters, hits, hits_hits, hits_units, units, units_units) AS sqrt(
    n_clusters / nullif(n_clusters - 1, 0)
    * (
        units::HUGEINT * units::HUGEINT * hits_hits::HUGEINT
        - 2 * units::HUGEINT * hits::HUGEINT * hits_units::HUGEINT
        + hits::HUGEINT * hits::HUGEINT * units_units::HUGEINT
    )::DOUBLE
    / nullif(units::DOUBLE ** 4, 0)
);

-- The same, over one row per cluster.
CREATE MACRO clustered_error(hits, units) AS error_of_sums(
    count(*) FILTER (units > 0), sum(hits), sum(hits * hits), sum(hits * units), sum(units), sum(units * units)
);

-- The same from sums over clusters, for hits that are no whole numbers: a mean of scores, shares of a success.
CREATE MACRO ratio_error(clusters, hits, units, hits_squared, hits_by_units, units_squared) AS sqrt(
    clusters / nullif(clusters - 1, 0)
    * greatest(0, hits_squared - 2 * hits / units * hits_by_units + (hits / units) ** 2 * units_squared)
    / nullif(units::DOUBLE ** 2, 0)
);

-- How many independent units would give the same error. Without any spread (a rate of 0 or 1, or every cluster
-- alike) the clusters say nothing about it, and the number of units stands in. NULL without an error.
CREATE MACRO effective_units(rate, error, units) AS
    CASE WHEN error > 0 THEN rate * (1 - rate) / (error * error) WHEN error = 0 THEN units::DOUBLE END;

-- The limits of Wilson's 95 % score interval (E. B. Wilson 1927); the rate itself is always inside.
CREATE MACRO z_95() AS 1.959963984540054e0;

CREATE MACRO wilson_low(rate, units) AS CASE WHEN units > 0 THEN least(rate, greatest(0, (
    rate + z_95() ** 2 / (2 * units) - z_95() * sqrt(rate * (1 - rate) / units + z_95() ** 2 / (4 * units * units))
) / (1 + z_95() ** 2 / units))) END;

CREATE MACRO wilson_high(rate, units) AS CASE WHEN units > 0 THEN greatest(rate, least(1, (
    rate + z_95() ** 2 / (2 * units) + z_95() * sqrt(rate * (1 - rate) / units + z_95() ** 2 / (4 * units * units))
) / (1 + z_95() ** 2 / units))) END;
