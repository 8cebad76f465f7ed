-- touched_streams: streams in which events arrive or are taken away, since when, and whether one of them is surely part of a run of before.
WITH changes AS (
    SELECT stream_space, stream, occurred_at, is_passive AS is_of_before FROM identified_events WHERE stream IS NOT NULL
    UNION ALL
    SELECT visits.stream_space, visits.stream, removed.occurred_at, TRUE
    FROM removed_events AS removed
    JOIN visits ON removed.visit_no = visits.visit_no
)
SELECT stream_space, stream, min(occurred_at) AS changed_at, bool_or(is_of_before) AS is_of_before
FROM changes
GROUP BY stream_space, stream;
