-- journey_steps__are_numbered_without_gaps: the steps of a journey are 1, 2, 3 ... n
SELECT journey_id FROM journey_steps GROUP BY journey_id HAVING min(step_number) <> 1 OR max(step_number) <> count(DISTINCT step_number) OR count(*) <> max(step_number);
