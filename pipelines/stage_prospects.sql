-- How many of the mature journeys that visit a stage succeed: what is at stake there.
-- reads: stage_sums
SELECT journey, stage, CAST(n_succeeded AS DOUBLE) / n_journeys AS prospect
FROM stage_sums
WHERE persona = '(all)' AND period = 'all' AND n_journeys > 0
ORDER BY journey, stage;
