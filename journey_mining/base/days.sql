-- quarters: one row per quarter of an hour, in UTC, with the local day it is in.  key: quarter_at
-- Local days begin on a quarter of an hour, so that each quarter is in one day: what happened is joined by equality.
-- reads: local_days
CREATE OR REPLACE TEMP TABLE quarters AS
SELECT unnest(generate_series(starts_at, ends_at - INTERVAL 15 MINUTES, INTERVAL 15 MINUTES)) AS quarter_at, day_no, period_no
FROM local_days;
