-- counted, without the people of whom a decided attempt that counts was ended by a barred step, in whichever of their journeys.
-- Of a funnel per value of a column (segment) they are out where that happened.
-- reads: counted
DELETE FROM counted
USING (SELECT DISTINCT cluster_no, segment FROM counted WHERE is_excluded AND NOT is_open) AS gone
WHERE counted.cluster_no = gone.cluster_no AND counted.segment IS NOT DISTINCT FROM gone.segment;
