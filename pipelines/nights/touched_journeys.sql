-- touched_journeys: journeys that are made anew, as they were.
SELECT journeys.journey_id
FROM journeys.main.journeys
JOIN touched_subjects AS touched
    ON journeys.journey = touched.journey AND journeys.subject_id = touched.subject_id AND journeys.started_at >= touched.since;
