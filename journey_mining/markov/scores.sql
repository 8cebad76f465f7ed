-- scores: one row per quantity and cluster: what the cluster's moves add to an estimate, in whole numbers.
-- key: measure, quantity, cluster_no
-- reads: moves, weights (measure, quantity, source, target, per_move, per_millisecond)
CREATE OR REPLACE TEMP TABLE scores AS
SELECT measure, quantity, cluster_no, sum(n_moves * per_move + milliseconds * per_millisecond)::BIGINT AS score
FROM moves JOIN weights USING (source, target)
GROUP BY measure, quantity, cluster_no;
