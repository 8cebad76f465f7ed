-- One row per estimated rate, in its order, with its 95 % interval.  key: place
-- reads: estimates (place, rate, error, n_units)
SELECT
    wilson_low(rate, effective_units(rate, error, n_units)) AS low,
    wilson_high(rate, effective_units(rate, error, n_units)) AS high
FROM estimates
ORDER BY place;
