-- assigned: one row per unit, for today's personas and for those of before: the persona with the nearest centre.
-- key: unit_no, is_today
-- Of the squared distance, sum of weight^2 * (value - centre)^2, what all personas share is left out; it is rounded to
-- whole billionths, so that no order of adding can change it. Equally near is the persona with the lower number.
-- reads: measured, centres (persona_no, is_today, feature_no, weight, centre)
CREATE TEMP TABLE assigned AS
WITH parts AS (
    SELECT persona_no::BIGINT AS persona_no, is_today, feature_no::INTEGER AS feature_no, 1e9 * weight ** 2 * centre AS part, centre
    FROM centres
),
bases AS (
    SELECT persona_no, is_today, sum((part * centre)::HUGEINT) AS base FROM parts GROUP BY persona_no, is_today
),
scores AS (
    SELECT unit_no, persona_no, sum((-2 * part * value)::HUGEINT) AS score
    FROM measured JOIN parts USING (feature_no)
    GROUP BY unit_no, persona_no
)
SELECT unit_no, is_today, arg_min(persona_no, (base + score) * 1000 + persona_no) AS persona_no
FROM scores JOIN bases USING (persona_no)
GROUP BY unit_no, is_today;
