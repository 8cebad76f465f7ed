-- identity_links__name_somebody: no blocked identifier is linked
WITH nobodys AS (
    SELECT kind || CASE WHEN namespace = '' THEN ':' ELSE ':' || namespace || ':' END || value AS identifier FROM blocked_identifiers
)
SELECT links.left_identifier, links.right_identifier
FROM identity_links AS links
JOIN nobodys ON links.left_identifier = nobodys.identifier
UNION ALL
SELECT links.left_identifier, links.right_identifier
FROM identity_links AS links
JOIN nobodys ON links.right_identifier = nobodys.identifier;
