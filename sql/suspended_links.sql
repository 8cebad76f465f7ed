-- suspended_links: one row per pair of identifiers that is not taken for one person, though events show them together; and why.
-- key: left_identifier, right_identifier, reason
-- partition: none
-- reads: capped_links, identity_links, blocked_identifiers
-- Reasons: key_over_cap, person_over_cap, unlinked (by the definition); blocked (by the block list: the right one is then
-- whatever was beside it, and not named).
SELECT capped.left_identifier, capped.right_identifier, capped.reason, links.n_events
FROM capped_links AS capped
JOIN identity_links AS links
    ON capped.left_identifier = links.left_identifier AND capped.right_identifier = links.right_identifier
UNION ALL
SELECT kind || CASE WHEN namespace = '' THEN ':' ELSE ':' || namespace || ':' END || value, NULL, 'blocked', NULL
FROM blocked_identifiers;
