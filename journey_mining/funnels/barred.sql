-- barred: one row per position and name that ends an attempt which stands there.  key: position, name
-- reads: $positions, $names (lists of one length)
CREATE TEMP TABLE barred AS
SELECT position, TRY_CAST(name AS name) AS name
FROM (SELECT unnest($positions::INTEGER[]) AS position, unnest($names::VARCHAR[]) AS name);
