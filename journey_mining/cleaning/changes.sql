-- changes: one row per cleaning and name it changed.  key: position, name
-- reads: changes
SELECT position, did, name, new_name, n_steps FROM changes ORDER BY position, n_steps DESC, name;
