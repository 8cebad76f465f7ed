-- step_matrix: one row per column and name that journeys have there.  key: part, step, name
-- reads: shares
SELECT
    part::BIGINT AS part, step::BIGINT AS step, name::VARCHAR AS name,
    n_journeys, n_people, share, share_low, share_high, share_error, n_open, coverage
FROM shares
ORDER BY
    shares.part, shares.step,
    CASE shares.name WHEN '(start)' THEN 0 WHEN '(other)' THEN 2 WHEN '(ended)' THEN 3 ELSE 1 END,
    n_journeys DESC, shares.name;
