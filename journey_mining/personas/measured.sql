-- measured: one row per unit and feature that is not 0.  key: unit_no, feature_no
-- value: the share of a unit's visits, or of its transitions; of an amount the natural logarithm of 1 more.
-- reads: moves, units, features (feature_no, kind, source, target)
CREATE TEMP TABLE measured AS
WITH wanted AS (
    SELECT feature_no::INTEGER AS feature_no, kind, try_cast(source AS name) AS source, try_cast(target AS name) AS target, target AS amount
    FROM features
),
counted AS (
    SELECT unit_no, feature_no, count(*) AS n
    FROM moves JOIN wanted ON kind = 'name' AND name = target
    GROUP BY unit_no, feature_no
    UNION ALL
    SELECT unit_no, feature_no, count(*)
    FROM moves JOIN wanted ON kind = 'transition' AND previous_name = source AND name = target
    GROUP BY unit_no, feature_no
)
SELECT unit_no, feature_no, n / CASE kind WHEN 'name' THEN n_visits ELSE n_moves END AS value
FROM counted JOIN wanted USING (feature_no) JOIN units USING (unit_no)
UNION ALL
SELECT
    unit_no, feature_no,
    ln(1 + CASE amount WHEN 'visits' THEN n_visits WHEN 'sessions' THEN n_sessions ELSE n_seconds END)
FROM units JOIN wanted ON kind = 'amount';
