-- span: one row.  low, high: the outermost columns.  after: where to go after an end anchor, or NULL.
-- reads: $low, $high, $after
CREATE OR REPLACE TEMP TABLE span AS SELECT $low AS low, $high AS high, $after::name AS after;

-- shown: one row per visit that has a column, counted from the centre of its journey: 0 is the centre.
-- key: part, journey_no, visit_number
-- reads: visits, centres (part, journey_no, centre, first_visit, last_visit), span
CREATE OR REPLACE TEMP TABLE shown AS
SELECT
    part, journey_no, visit_number - centre AS step, name, previous_name,
    visit_number = first_visit AS is_first,
    visit_number = last_visit AS is_last
FROM visits JOIN centres USING (journey_no), span
WHERE visit_number BETWEEN greatest(first_visit, centre + low) AND least(last_visit, centre + high);

-- kept_names: the names with a row of their own in a column, the $top largest; NULL is all.  key: part, step, name
-- reads: shown, $top
CREATE OR REPLACE TEMP TABLE kept_names AS
SELECT part, step, name
FROM shown
GROUP BY part, step, name
QUALIFY $top IS NULL OR row_number() OVER (PARTITION BY part, step ORDER BY count(*) DESC, name) <= $top;
