-- names: a path is called by its template; what is no path keeps its name.
-- reads: names, routes
UPDATE names SET new_name = name;
UPDATE names SET new_name = routes.template FROM routes WHERE routes.name = names.name;
