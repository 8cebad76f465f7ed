-- credits: one row per rule, value and cluster: the successes that the rule gives the value. Of mature journeys.
-- key: rule, name, cluster_no
-- A journey that succeeded gives its touches weights in whole numbers, and each the share of one success that its
-- weight is of their sum; without a touch the success goes to nobody (a NULL name).
-- reads: states, finishes, rules (rule), $half_life_seconds
CREATE TEMP TABLE credits AS
WITH touched AS (
    SELECT
        journey_no, name, place, entered_at,
        count(*) OVER (PARTITION BY journey_no) AS n_touches,
        max(entered_at) OVER (PARTITION BY journey_no) AS last_at,
        row_number() OVER (PARTITION BY journey_no, name ORDER BY place) AS n_th_of_name
    FROM states JOIN finishes USING (journey_no)
    WHERE NOT is_open AND end_name = '(success)'
),
weighted AS (
    SELECT
        rule, journey_no, name,
        CASE rule
            WHEN 'first' THEN (place = 1)::BIGINT
            WHEN 'last' THEN (place = n_touches)::BIGINT
            WHEN 'linear' THEN 1
            -- two fifths each for the first and the last, one fifth for those between
            WHEN 'position' THEN CASE WHEN place IN (1, n_touches) THEN greatest(2 * (n_touches - 2), 1) ELSE 1 END
            WHEN 'decay' THEN (
                1e9 * 2 ** (-(epoch_ms(last_at) - epoch_ms(entered_at)) / 1000 / $half_life_seconds)
            )::BIGINT
            -- every set of channels that a success has seen is a game of its own, in which its channels are equals
            WHEN 'shapley' THEN (n_th_of_name = 1)::BIGINT
        END AS weight
    FROM touched CROSS JOIN rules
),
shared AS (
    SELECT rule, journey_no, name, sum(weight) / sum(sum(weight)) OVER (PARTITION BY rule, journey_no) AS credit
    FROM weighted
    GROUP BY rule, journey_no, name
)
SELECT rule, name, cluster_no, sum(coalesce(credit, 1)::DECIMAL(18, 9)) AS credit
FROM (SELECT * FROM finishes CROSS JOIN rules WHERE NOT is_open AND end_name = '(success)') AS succeeded
LEFT JOIN shared USING (rule, journey_no)
GROUP BY rule, name, cluster_no;
