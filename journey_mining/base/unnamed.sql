-- One row: how many steps have no name, and a name that is one of our own; (other) may come from grouping.
-- reads: steps, changes, $reserved (a list of names)
SELECT
    count(*) FILTER (name IS NULL) AS n_unnamed,
    min(name::VARCHAR) FILTER (
        list_contains($reserved, name::VARCHAR)
        AND name::VARCHAR NOT IN (SELECT new_name FROM changes WHERE did = 'grouped')
    ) AS reserved_name
FROM steps;
