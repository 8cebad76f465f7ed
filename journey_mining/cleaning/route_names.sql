-- names: a path is called by its template.
-- reads: names, routes
UPDATE names SET new_name = routes.template FROM routes WHERE routes.name = names.name;
