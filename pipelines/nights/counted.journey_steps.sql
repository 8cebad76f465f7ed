-- counted.journey_steps: what those journeys hold.
SELECT * FROM journey_steps WHERE journey_id IN (SELECT journey_id FROM journey_outcomes);
