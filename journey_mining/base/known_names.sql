-- One row per name that a step of the log has or had before the log was narrowed, our own left out.
-- reads: the type `name`
SELECT name FROM (SELECT unnest(enum_range(NULL::name))::VARCHAR AS name) WHERE name NOT LIKE '(%)';
