-- played: the visits in which sequences are looked for; with a goal, those before it is first reached.
-- key: journey_no, visit_number
-- reads: visits, $goal (a name, or NULL)
CREATE TEMP TABLE played AS
SELECT visits.journey_no, visits.visit_number, visits.name
FROM visits LEFT JOIN (
    SELECT journey_no, min(visit_number) AS reached_number FROM visits WHERE name::VARCHAR = $goal GROUP BY journey_no
) AS reached USING (journey_no)
WHERE visits.visit_number < coalesce(reached_number, 2147483647);

-- frequent: one row per sequence found so far.  key: sequence_no
CREATE TEMP TABLE frequent (sequence_no INTEGER, sequence VARCHAR[]);

-- found: one row per sequence and journey it is in.  key: sequence_no, journey_no.  n: how often
CREATE TEMP TABLE found (sequence_no INTEGER, journey_no INTEGER, n INTEGER);
