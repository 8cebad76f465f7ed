-- gone_units: units that are not there any more, or are now others.
SELECT * FROM stale_units EXCEPT SELECT * FROM new_units;
