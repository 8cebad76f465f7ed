-- names: all that matches the pattern of a rule is replaced, in what the rules before it left.
-- reads: names, $pattern (a regular expression), $replacement
UPDATE names SET new_name = regexp_replace(new_name, $pattern, $replacement, 'g');
