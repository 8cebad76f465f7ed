-- names: what is rarer than asked becomes (other).
-- reads: names, $n (fewest steps), $share (smallest share of the steps)
UPDATE names SET new_name = '(other)' WHERE n_steps < $n OR share < $share;
