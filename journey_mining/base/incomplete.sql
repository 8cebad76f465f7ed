-- One row: how many events cannot be told from whom, what or when they are.
-- reads: source
SELECT count(*) AS n_incomplete FROM source WHERE person_id IS NULL OR event IS NULL OR occurred_at IS NULL;
