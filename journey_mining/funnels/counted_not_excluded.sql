-- counted, without those whose attempt a barred step ended.
-- reads: counted
DELETE FROM counted WHERE is_excluded;
