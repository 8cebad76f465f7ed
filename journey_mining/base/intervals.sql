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

-- The correlation of two rates with these errors, where the same clusters have units in both: exact sums over clusters
-- of the products of their hits and units, from which the covariance of the two ratios follows. 0 without an error.
CREATE MACRO correlation_of_sums(
    error_a, error_b, hits_a, hits_b, hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a, units_b, units_a_units_b
) AS greatest(-1, least(1, coalesce(
    (
        units_a::HUGEINT * units_b::HUGEINT * hits_a_hits_b::HUGEINT
        - units_a::HUGEINT * hits_b::HUGEINT * hits_a_units_b::HUGEINT
        - units_b::HUGEINT * hits_a::HUGEINT * units_a_hits_b::HUGEINT
        + hits_a::HUGEINT * hits_b::HUGEINT * units_a_units_b::HUGEINT
    )::DOUBLE
    / nullif(units_a::DOUBLE ** 2 * units_b::DOUBLE ** 2, 0) / nullif(error_a * error_b, 0),
    0
)));

-- The same from sums over clusters, for hits that are no whole numbers: a mean of scores, shares of a success.
CREATE MACRO ratio_error(n_clusters, hits, hits_hits, hits_units, units, units_units) AS sqrt(
    n_clusters / nullif(n_clusters - 1, 0)
    * greatest(0, hits_hits - 2 * hits / units * hits_units + (hits / units) ** 2 * units_units)
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
