-- designed_visits: one row per visit to a stage of the design; place: which of them it is, from 0.
-- key: journey_no, place
-- reads: visits, designed
CREATE TEMP TABLE designed_visits AS
SELECT
    journey_no,
    position,
    entered_at,
    (row_number() OVER (PARTITION BY journey_no ORDER BY visit_number) - 1)::INTEGER AS place
FROM visits JOIN designed USING (name);

-- journey_variants: one row per journey with such a visit: the positions it visited, in order.  key: journey_no
CREATE TEMP TABLE journey_variants AS
SELECT journey_no, list(position ORDER BY place) AS positions
FROM designed_visits
GROUP BY journey_no;

-- variants: one row per different order of positions; a design is compared with these, not with every journey.
-- key: variant_no
CREATE TEMP TABLE variants AS
SELECT (row_number() OVER (ORDER BY positions))::INTEGER AS variant_no, positions
FROM (SELECT DISTINCT positions FROM journey_variants);
