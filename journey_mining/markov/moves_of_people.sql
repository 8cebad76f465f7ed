-- moves_of_people: the rows of `moves` in numbers.  key: row_no, edge_no
-- row_no: the cluster, from 0.  edge_no: the row of `move_counts`, from 0.
-- reads: moves
SELECT
    (dense_rank() OVER (ORDER BY cluster_no) - 1)::INTEGER AS row_no,
    (dense_rank() OVER (ORDER BY source, target) - 1)::INTEGER AS edge_no,
    n_moves,
    milliseconds
FROM moves;
