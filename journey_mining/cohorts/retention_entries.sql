-- entries: one row per person and cohort.  key: person_no, cohort_no
-- entered_at: the person's first start in the period that names the cohort; only the first ever, unless cohorts recur.
-- reads: acts, $cohorts
CREATE TEMP TABLE entries AS
SELECT person_no, period_no AS cohort_no, min(occurred_at) AS entered_at
FROM acts
WHERE is_start
GROUP BY person_no, period_no
QUALIFY $cohorts = 'recurring' OR row_number() OVER (PARTITION BY person_no ORDER BY entered_at) = 1;

-- backs: the returns that can matter: by the calendar a person's last of each period; of all returns "on or after" the
-- last one says how far they reach.
-- reads: acts, $when, $clock
CREATE TEMP TABLE backs AS
SELECT person_no, max(occurred_at) AS back_at, max(period_no) AS period_no
FROM acts
WHERE is_back
GROUP BY person_no, CASE WHEN $when = 'on_or_after' THEN 0 WHEN $clock = 'calendar' THEN period_no ELSE epoch_us(occurred_at) END;

-- hits: one row per person, cohort, and offset at which the person is back.  key: person_no, cohort_no, offset
-- A return is not earlier than the entry, and may be the entry itself.
-- reads: entries, backs, $when, $clock, $length (an interval), $offsets
CREATE TEMP TABLE hits AS
WITH returned AS (
    SELECT
        person_no, cohort_no,
        CASE
            WHEN $clock = 'calendar' THEN period_no - cohort_no
            ELSE (epoch_us(back_at) - epoch_us(entered_at)) // epoch_us($length::INTERVAL)
        END::INTEGER AS "offset"
    FROM entries JOIN backs USING (person_no)
    WHERE back_at >= entered_at AND ($when = 'on_or_after' OR $clock <> 'calendar' OR period_no - cohort_no <= $offsets)
)
SELECT DISTINCT
    person_no, cohort_no,
    CASE WHEN $when = 'on' THEN "offset" ELSE unnest(range(0, least("offset", $offsets) + 1)) END::INTEGER AS "offset"
FROM returned
WHERE "offset" BETWEEN 0 AND CASE WHEN $when = 'on' THEN $offsets ELSE "offset" END;
