-- cart_abandonment_rate: one row per session with something put into the cart.
-- key: unit_id
-- partition: person
-- publish: no
-- reads: sessions, session_roles, settings
-- title: Cart abandonment
-- statistic: rate
-- unit: share
-- direction: lower
-- roles: cart_added, purchased
-- Abandoned: nothing was purchased in the same session, before or after.
SELECT sessions.session_id AS unit_id, sessions.person_id, sessions.session_id AS subject_id, sessions.started_at AS entered_at,
    sessions.persona,
    CASE WHEN bought.session_id IS NULL THEN 1 ELSE 0 END AS value,
    CASE WHEN session_rule = 'gap' THEN plus_seconds(sessions.ended_at, session_gap_seconds) END AS matures_at
FROM sessions
JOIN session_roles AS entered ON sessions.session_id = entered.session_id AND entered.role = 'cart_added'
LEFT JOIN session_roles AS bought ON sessions.session_id = bought.session_id AND bought.role = 'purchased'
CROSS JOIN settings;
