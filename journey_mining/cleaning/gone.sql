-- changes: what collapsing left out, as one more change.  new_name: NULL, there is none.
-- reads: followed, known_changes
INSERT INTO changes
SELECT (SELECT coalesce(max(position), 0) + 1 FROM known_changes), 'collapsed', name::VARCHAR, NULL, count(*)
FROM followed
WHERE is_repeat
GROUP BY name;
