-- sankey: one row per pair of nodes in neighbouring columns.  key: step, source, target
-- Counts and shares are of mature journeys; n_open counts the open ones that go this way.
-- reads: shares
SELECT
    step::BIGINT AS step, source::VARCHAR AS source, name::VARCHAR AS target,
    n_journeys, n_people, n_open, share, share_low, share_high, share_error, coverage
FROM shares
ORDER BY shares.step, n_journeys DESC, n_open DESC, shares.source, shares.name;
