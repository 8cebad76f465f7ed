-- sessions__count_every_session_event: the events of the sessions add up to the events with a session
-- scope: whole
SELECT a.n, b.n
FROM (SELECT CAST(coalesce(sum(n_events), 0) AS BIGINT) AS n FROM sessions) AS a, (SELECT count(session_id) AS n FROM events) AS b
WHERE a.n <> b.n;
