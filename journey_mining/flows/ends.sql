-- ends: one row per journey that has the end at all.  key: journey_no
-- reads: anchors
CREATE OR REPLACE TEMP TABLE ends AS SELECT journey_no FROM anchors;
