-- rule_shares: one row per rule and value: the successes it is given, their share of all, and its interval.
-- key: rule, name
-- The share is a ratio of sums over people, and so is its error (Cochran, Sampling Techniques, 1977, 2.11).
-- reads: credits, finishes
WITH successes AS (
    SELECT cluster_no, count(*) AS n_successes
    FROM finishes
    WHERE NOT is_open AND end_name = '(success)'
    GROUP BY cluster_no
),
totals AS (
    SELECT
        count(*) AS n_clusters,
        sum(n_successes)::BIGINT AS n_successes,
        sum(n_successes * n_successes)::BIGINT AS squares
    FROM successes
),
sums AS (
    SELECT
        rule, name,
        sum(credit)::DOUBLE AS credit,
        sum(credit * credit)::DOUBLE AS credit_squares,
        sum(credit * successes.n_successes)::DOUBLE AS credit_successes
    FROM credits JOIN successes USING (cluster_no)
    GROUP BY rule, name
),
shares AS (
    SELECT
        rule, name, credit, n_successes,
        credit / n_successes AS share,
        ratio_error(n_clusters, credit, credit_squares, credit_successes, n_successes, squares) AS error
    FROM sums CROSS JOIN totals
)
SELECT
    rule,
    name::VARCHAR AS name,
    credit,
    share,
    wilson_low(share, effective_units(share, error, n_successes)) AS share_low,
    wilson_high(share, effective_units(share, error, n_successes)) AS share_high,
    error AS share_error
FROM shares
ORDER BY rule, round(credit, 6) DESC, name NULLS LAST;
