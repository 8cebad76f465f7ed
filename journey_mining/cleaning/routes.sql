-- routes: one row per name that is a path, with its parts, and the template as far as it is known.  key: name
-- reads: names (ids already masked)
CREATE OR REPLACE TEMP TABLE routes AS
SELECT name, n_steps, string_split(regexp_replace(new_name, '[?#].*$', ''), '/') AS parts, '' AS template
FROM names
WHERE starts_with(new_name, '/');
