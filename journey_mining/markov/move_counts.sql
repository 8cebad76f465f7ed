-- move_counts: one row per pair of states that follow each other.  key: source, target
-- reads: moves
SELECT
    source::VARCHAR AS source,
    target::VARCHAR AS target,
    sum(n_moves)::BIGINT AS n_moves,
    sum(milliseconds)::BIGINT AS milliseconds
FROM moves
GROUP BY moves.source, moves.target
ORDER BY moves.source, moves.target;
