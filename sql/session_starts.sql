-- session_starts: one row per session: from when to when, how much, and what its first event shows.
-- key: session_id
-- partition: person
-- publish: work
-- since: started_at
-- reads: events
WITH measured AS (
    SELECT session_id, min(occurred_at) AS started_at, max(occurred_at) AS ended_at, count(*) AS n_events
    FROM events
    WHERE session_id IS NOT NULL
    GROUP BY session_id
),
firsts AS (
    -- Few events lie at the first instant, so few are sorted.
    SELECT events.*, measured.started_at, measured.ended_at, measured.n_events,
        row_number() OVER (PARTITION BY events.session_id ORDER BY events.source_rank, events.sequence, events.event_id) AS place
    FROM measured
    JOIN events ON measured.session_id = events.session_id AND measured.started_at = events.occurred_at
)
SELECT session_id, person_id, started_at, ended_at, n_events, source, touchpoint, channel, page_path, device_type, country,
    campaign_source, campaign_medium, campaign_name, referrer_host
FROM firsts
WHERE place = 1;
