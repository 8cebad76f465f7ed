-- route_templates: one row per template that stands for something else than itself.  key: template
-- reads: routes
SELECT
    template,
    sum(n_steps)::BIGINT AS n_steps,
    count(*) AS n_distinct,
    list(name ORDER BY n_steps DESC, name)[:3] AS examples
FROM routes
GROUP BY template
HAVING bool_or(template <> name)
ORDER BY n_steps DESC, template;
