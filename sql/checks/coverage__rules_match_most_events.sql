-- coverage__rules_match_most_events: a source of which the rules match nothing is probably misspelt in them
-- severity: warn
SELECT source FROM coverage GROUP BY source HAVING count(touchpoint) = 0;
