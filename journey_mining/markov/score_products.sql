-- score_products: one row per pair of quantities of a measure that meet in a cluster.  key: measure, quantity, other
-- Sums of whole numbers: neither order nor threads change a digit.
-- reads: scores
SELECT
    measure,
    one.quantity,
    other.quantity AS other,
    sum(one.score::HUGEINT * other.score::HUGEINT)::DOUBLE AS products
FROM scores AS one JOIN scores AS other USING (measure, cluster_no)
WHERE one.quantity <= other.quantity
GROUP BY measure, one.quantity, other.quantity;
