-- alphabet: one row per name that a step has.  key: name
-- reads: visits
CREATE OR REPLACE TEMP TABLE alphabet AS SELECT name FROM visits GROUP BY name;
