-- sankey: one row per pair of nodes in neighbouring columns.  key: step, source, target
-- reads: shares
SELECT
    step::BIGINT AS step, source::VARCHAR AS source, name::VARCHAR AS target,
    n_journeys + n_open AS n_journeys,
    n_people_or_open AS n_people,
    n_open, share, share_low, share_high, share_error, coverage
FROM shares
ORDER BY shares.step, shares.n_journeys + n_open DESC, shares.source, shares.name;
