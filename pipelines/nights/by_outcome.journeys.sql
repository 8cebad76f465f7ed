-- by_outcome.journeys: the same journeys, as they are now.
SELECT * FROM journeys.main.journeys WHERE journey_id IN (SELECT journey_id FROM unsettled_journeys);
