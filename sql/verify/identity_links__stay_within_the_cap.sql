-- identity_links__stay_within_the_cap: a link that holds leads from no identifier with more neighbours than the cap of its kind
WITH held AS (
    SELECT links.left_identifier, links.right_identifier
    FROM identity_links AS links
    LEFT JOIN suspended_links AS suspended
        ON links.left_identifier = suspended.left_identifier AND links.right_identifier = suspended.right_identifier
    WHERE suspended.reason IS NULL
),
neighbours AS (
    SELECT left_identifier AS identifier, split_part(right_identifier, ':', 1) AS kind FROM held
    UNION ALL
    SELECT right_identifier, split_part(left_identifier, ':', 1) FROM held
)
SELECT neighbours.identifier, count(*) AS n_neighbours
FROM neighbours
JOIN identifier_caps AS caps ON caps.kind = split_part(neighbours.identifier, ':', 1)
WHERE neighbours.kind NOT IN ('order', 'ticket')
GROUP BY neighbours.identifier, caps.most
HAVING count(*) > caps.most;
