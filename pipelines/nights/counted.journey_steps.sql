-- counted.journey_steps: what those journeys touched.
SELECT journey_id, stage, touchpoint, channel FROM journey_steps WHERE journey_id IN (SELECT journey_id FROM journey_outcomes);
