def remember(con, previous, build_id): pass
