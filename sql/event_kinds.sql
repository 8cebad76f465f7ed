-- event_kinds: one row per distinct kind of event, with the touchpoint of the first rule that matches it.
-- key: source, event_name, page_path, rule_properties
-- partition: delivery
-- publish: work
-- reads: landed_events, touchpoint_rules, touchpoint_rule_properties, touchpoints
-- Rules are tried on kinds, not on events: there are thousands of kinds where there are millions of events.
WITH kinds AS (
    SELECT DISTINCT source, event_name, coalesce(page_path, '') AS page_path, coalesce(rule_properties, '') AS rule_properties
    FROM landed_events
),
matches AS (
    SELECT kinds.source, kinds.event_name, kinds.page_path, kinds.rule_properties, min(rules.position) AS position
    FROM kinds
    JOIN touchpoint_rules AS rules
        ON (rules.source IS NULL OR kinds.source = rules.source)
        AND (rules.event_like IS NULL OR kinds.event_name LIKE rules.event_like ESCAPE '!')
        AND (rules.page_like IS NULL OR kinds.page_path LIKE rules.page_like ESCAPE '!')
    WHERE NOT EXISTS (
        SELECT 1 FROM touchpoint_rule_properties AS wanted
        WHERE wanted.touchpoint = rules.touchpoint
            AND NOT coalesce(property_of(nullif(kinds.rule_properties, ''), wanted.property) LIKE wanted.value_like ESCAPE '!', FALSE)
    )
    GROUP BY kinds.source, kinds.event_name, kinds.page_path, kinds.rule_properties
)
SELECT kinds.source, kinds.event_name, kinds.page_path, kinds.rule_properties, touchpoints.touchpoint, touchpoints.role, touchpoints.channel
FROM kinds
LEFT JOIN matches
    ON kinds.source = matches.source AND kinds.event_name = matches.event_name
    AND kinds.page_path = matches.page_path AND kinds.rule_properties = matches.rule_properties
LEFT JOIN touchpoints ON matches.position = touchpoints.position;
