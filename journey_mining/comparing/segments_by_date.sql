-- segments: one row per journey.  key: journey_no.  is_a: it began at the date or later, else before.
-- reads: journeys, $at (a time in UTC)
CREATE TEMP TABLE segments AS
SELECT journey_no, cluster_no, outcome, is_open, started_at >= $at::TIMESTAMP AS is_a FROM journeys;
