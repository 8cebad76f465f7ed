-- counted.stage_visits: what those journeys hold.
SELECT * FROM stage_visits WHERE journey_id IN (SELECT journey_id FROM journey_outcomes);
