-- identity_links__hold_within_one_person: two identifiers are one person's if they are linked and the link is not suspended
SELECT links.left_identifier, links.right_identifier
FROM work.identity_links AS links
ANTI JOIN suspended_links
    ON links.left_identifier = suspended_links.left_identifier AND links.right_identifier = suspended_links.right_identifier
LEFT JOIN identifiers AS a ON links.left_identifier = a.identifier
LEFT JOIN identifiers AS b ON links.right_identifier = b.identifier
WHERE a.person_id IS DISTINCT FROM b.person_id;
