-- names: what fits a wildcard as a whole is called as it says.
-- reads: names, $pattern (a regular expression), $replacement
UPDATE names SET new_name = $replacement, is_grouped = TRUE
WHERE NOT is_grouped AND regexp_full_match(new_name, $pattern, 's');
