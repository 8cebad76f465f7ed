-- journey_periods: one row per journey and period that it began in, with what is counted of it.
-- key: journey_id, period
-- partition: cluster
-- publish: no
-- reads: journey_outcomes, periods
SELECT outcomes.journey, outcomes.journey_id, outcomes.persona, periods.period, coalesce(outcomes.person_id, outcomes.journey_id) AS cluster,
    outcomes.person_id, outcomes.is_mature, outcomes.outcome, outcomes.last_stage, outcomes.is_direct
FROM journey_outcomes AS outcomes
JOIN periods ON 'journey:' || outcomes.journey = periods.measure AND outcomes.started_on BETWEEN periods.first_on AND periods.last_on;
