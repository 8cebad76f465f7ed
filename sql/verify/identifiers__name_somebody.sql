-- identifiers__name_somebody: no blocked identifier belongs to a person
SELECT identifiers.identifier
FROM identifiers
JOIN blocked_identifiers AS blocked
    ON identifiers.identifier
        = blocked.kind || CASE WHEN blocked.namespace = '' THEN ':' ELSE ':' || blocked.namespace || ':' END || blocked.value;
