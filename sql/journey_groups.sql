-- journey_groups: one row per journey and group that it counts in: its persona and (all), each period that it began in.
-- key: journey_id, persona, period
-- partition: none
-- publish: no
-- reads: journey_outcomes, periods
WITH in_periods AS (
    SELECT outcomes.*, periods.period, coalesce(outcomes.person_id, outcomes.journey_id) AS cluster
    FROM journey_outcomes AS outcomes
    JOIN periods ON 'journey:' || outcomes.journey = periods.measure AND outcomes.started_on BETWEEN periods.first_on AND periods.last_on
)
SELECT journey, journey_id, persona, period, cluster, person_id, is_mature, outcome, last_stage, is_direct, started_on FROM in_periods
UNION ALL
SELECT journey, journey_id, '(all)', period, cluster, person_id, is_mature, outcome, last_stage, is_direct, started_on FROM in_periods;
