-- routes: one row per name that is a path, with its parts, and the template as far as it is known.  key: name
-- What follows ? or # is no part of the path, and a slash at its end no part without a name: /home/ is /home.
-- reads: names (ids already masked)
CREATE OR REPLACE TEMP TABLE routes AS
SELECT
    name,
    n_steps,
    string_split(regexp_replace(regexp_replace(new_name, '[?#].*$', ''), '(.)/+$', '\1'), '/') AS parts,
    '' AS template
FROM names
WHERE starts_with(new_name, '/');
