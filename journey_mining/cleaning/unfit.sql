-- No row, or an error: a name that would be empty or one of our own; (other) is made by grouping alone.
-- reads: names, known_changes, $did, $reserved (a list of names)
SELECT error('the name ' || name || ' would become ' || CASE WHEN trim(new_name) = '' THEN 'empty'
    ELSE new_name || ', a name of our own' END || '; choose another')
FROM names
WHERE trim(new_name) = ''
    OR (list_contains($reserved, new_name) AND NOT (new_name = '(other)' AND (
        ($did = 'grouped' AND name <> '(other)')
        OR EXISTS (FROM known_changes WHERE known_changes.new_name = '(other)' AND did = 'grouped')
    )))
ORDER BY name
LIMIT 1;
