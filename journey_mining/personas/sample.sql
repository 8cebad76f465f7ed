-- sample: one row per feature of a unit drawn by a hash of its id, so that who is drawn today is tomorrow, too.
-- key: place, feature_no
-- reads: units, measured, $seed, $n_units
WITH drawn AS (
    SELECT unit_no, row_number() OVER (ORDER BY md5($seed::VARCHAR || ' ' || unit_id), unit_no) AS place
    FROM units
    QUALIFY place <= $n_units
)
SELECT place - 1 AS place, feature_no, value
FROM drawn JOIN measured USING (unit_no)
ORDER BY place, feature_no;
