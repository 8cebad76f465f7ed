-- sessions: one row per session, with the persona its person showed when it began.
-- key: session_id
-- partition: person
-- reads: session_facts, persona_rules, local_days, settings
-- A session over the cap, by events or by time, is marked: it is hardly one human's.
WITH matches AS (
    SELECT facts.session_id, min(rules.position) AS position
    FROM session_facts AS facts
    JOIN persona_rules AS rules
        ON (rules.channel IS NULL OR facts.channel LIKE rules.channel ESCAPE '!')
        AND (rules.device_type IS NULL OR facts.device_type LIKE rules.device_type ESCAPE '!')
        AND (rules.country IS NULL OR facts.country LIKE rules.country ESCAPE '!')
        AND (rules.campaign_source IS NULL OR facts.campaign_source LIKE rules.campaign_source ESCAPE '!')
        AND (rules.campaign_medium IS NULL OR facts.campaign_medium LIKE rules.campaign_medium ESCAPE '!')
        AND facts.n_earlier_sessions BETWEEN rules.least_earlier_sessions AND rules.most_earlier_sessions
        AND facts.n_earlier_orders BETWEEN rules.least_earlier_orders AND rules.most_earlier_orders
    GROUP BY facts.session_id
),
positions AS (
    SELECT position, min(persona) AS persona FROM persona_rules GROUP BY position
),
decided AS (
    SELECT matches.session_id, positions.persona
    FROM matches
    JOIN positions ON matches.position = positions.position
)
SELECT facts.session_id, facts.person_id, coalesce(decided.persona, 'other') AS persona, facts.started_at, facts.ended_at,
    local_days.local_on AS started_on, secs_between(facts.started_at, facts.ended_at) AS duration_seconds, facts.n_events,
    facts.n_events > session_cap_events OR secs_between(facts.started_at, facts.ended_at) > session_cap_seconds AS is_over_cap,
    facts.n_earlier_sessions, facts.n_earlier_orders, facts.source, facts.channel, facts.touchpoint AS first_touchpoint,
    facts.page_path AS first_page_path, facts.referrer_host, facts.campaign_source, facts.campaign_medium, facts.campaign_name,
    facts.device_type, facts.country
FROM session_facts AS facts
CROSS JOIN settings
LEFT JOIN decided ON facts.session_id = decided.session_id
LEFT JOIN local_days ON quarter_of(facts.started_at) = local_days.quarter_at;
