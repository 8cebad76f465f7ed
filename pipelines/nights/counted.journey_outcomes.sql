-- counted.journey_outcomes: all journeys of changed people, for the measures in which they changed.
SELECT outcomes.*
FROM journey_outcomes AS outcomes
JOIN changed_clusters AS changed
    ON changed.measure = 'journey:' || outcomes.journey AND changed.cluster = coalesce(outcomes.person_id, outcomes.journey_id);
