-- anchors, moved by a time: to the first visit not earlier than so long after, or the last not later than so long before.
-- Where there is none the anchor is behind the end of the journey, or before its start.
-- reads: anchors, visits, journeys, $time, $is_before
CREATE OR REPLACE TEMP TABLE anchors AS
WITH marks AS (
    SELECT
        journey_no,
        coalesce(visits.entered_at, CASE WHEN anchors.visit_number < 1 THEN started_at ELSE ended_at END)
            + CASE WHEN $is_before THEN -$time::INTERVAL ELSE $time::INTERVAL END AS mark
    FROM anchors JOIN journeys USING (journey_no) LEFT JOIN visits USING (journey_no, visit_number)
)
SELECT
    journey_no,
    CASE
        WHEN $is_before THEN coalesce(max(visit_number) FILTER (entered_at <= mark), 0)
        ELSE coalesce(min(visit_number) FILTER (entered_at >= mark), max(visit_number) + 1)
    END AS visit_number
FROM marks JOIN visits USING (journey_no)
GROUP BY journey_no;
