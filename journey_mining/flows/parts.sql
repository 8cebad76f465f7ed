-- centres: one row per part of a pattern and journey that matches, seen from the part's first position in the earliest
-- match: each position as early as it is in any.  key: part, journey_no
-- reads: matched, pattern, visits
CREATE OR REPLACE TEMP TABLE centres AS
WITH lengths AS (SELECT journey_no, visit_number AS n_visits FROM visits WHERE is_last),
firsts AS (SELECT part, min(position) AS position FROM pattern GROUP BY part)
SELECT part, journey_no, min(visit_number) AS centre, 1 AS first_visit, n_visits AS last_visit
FROM matched JOIN firsts USING (position) JOIN lengths USING (journey_no)
GROUP BY part, journey_no, n_visits;
