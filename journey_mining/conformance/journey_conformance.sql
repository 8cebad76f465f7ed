-- journey_conformance: one row per journey, open ones too.  key: journey_id
-- reads: deviations, journeys
SELECT
    journey_id, person_id, is_open, n_visits, n_skipped, n_unreached, n_inserted, n_out_of_order, n_late, fitness
FROM deviations JOIN journeys USING (journey_no)
ORDER BY journey_id;
