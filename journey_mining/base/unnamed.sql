-- One row: how many steps have no name, and a name that is one of our own.
-- reads: steps, $reserved (a list of names)
SELECT
    count(*) FILTER (name IS NULL) AS n_unnamed,
    min(name::VARCHAR) FILTER (list_contains($reserved, name::VARCHAR)) AS reserved_name
FROM steps;
