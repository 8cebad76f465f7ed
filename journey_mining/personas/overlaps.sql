-- overlaps: one row per persona of before and of today that have units in common.  key: before_no, persona_no
-- reads: assigned
SELECT before.persona_no AS before_no, today.persona_no, count(*) AS n_units
FROM assigned AS before JOIN assigned AS today USING (unit_no)
WHERE NOT before.is_today AND today.is_today
GROUP BY before.persona_no, today.persona_no
ORDER BY before_no, today.persona_no;
