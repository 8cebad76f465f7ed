-- touched_streams: streams in which events arrive or are taken away, and since when.
SELECT stream_space, stream, min(occurred_at) AS changed_at
FROM (
    SELECT stream_space, stream, occurred_at FROM identified_events WHERE stream IS NOT NULL
    UNION ALL
    SELECT visits.stream_space, visits.stream, removed.occurred_at
    FROM removed_events AS removed
    JOIN visits ON removed.visit_no = visits.visit_no
)
GROUP BY stream_space, stream;
