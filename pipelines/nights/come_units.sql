-- come_units: what they are now, and units that were not there.
SELECT * FROM new_units EXCEPT SELECT * FROM stale_units;
