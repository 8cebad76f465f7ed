-- starts: one row per journey, the anchor it begins at.  key: journey_no
-- reads: anchors
CREATE OR REPLACE TEMP TABLE starts AS FROM anchors;
