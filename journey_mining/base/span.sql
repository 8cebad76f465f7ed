-- One row: when the first step is, and up to when steps are known.
-- reads: journeys, observed
SELECT min(started_at), greatest(max(ended_at), max(as_of)) FROM journeys CROSS JOIN observed;
