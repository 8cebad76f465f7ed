-- journey_outcomes__partition_mature_journeys: mature = succeeded + dropped + active, for every persona and period
SELECT journey, persona, period FROM journey_totals WHERE n_journeys <> n_succeeded + n_dropped + n_active;
