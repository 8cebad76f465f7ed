-- names: the parts of a path that are numbers, UUIDs or hashes become [id].
-- reads: names
UPDATE names SET new_name = array_to_string(list_transform(string_split(new_name, '/'), lambda part: CASE
    WHEN regexp_matches(part, '^(-?[0-9]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})([?#].*)?$')
        OR (regexp_matches(part, '^[0-9a-fA-F]{16,}([?#].*)?$') AND regexp_matches(part, '^[^?#]*[0-9]'))
    THEN regexp_replace(part, '^[^?#]*', '[id]')
    ELSE part
END), '/')
WHERE contains(new_name, '/');
