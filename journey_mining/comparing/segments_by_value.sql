-- segments: one row per journey of either segment.  key: journey_no.  is_a: the first segment, else the second.
-- reads: first_values (journey_no, value), journeys, $a, $b (lists of values; $b NULL: all others)
CREATE TEMP TABLE segments AS
SELECT journey_no, cluster_no, outcome, is_open, coalesce(list_contains($a::VARCHAR[], value), FALSE) AS is_a
FROM journeys JOIN first_values USING (journey_no)
WHERE is_a OR $b IS NULL OR list_contains($b::VARCHAR[], value);
