-- score_squares: one row per quantity.  key: quantity
-- Sums of whole numbers: neither order nor threads change a digit.
-- reads: scores
SELECT quantity, sum(score::HUGEINT * score::HUGEINT)::DOUBLE AS squares
FROM scores
GROUP BY quantity;
