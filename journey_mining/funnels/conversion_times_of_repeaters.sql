-- One row per attempt of a cluster with more than one.
-- reads: conversion_times
SELECT cluster_no, seconds, is_converted
FROM conversion_times
WHERE cluster_no IN (SELECT cluster_no FROM conversion_times GROUP BY cluster_no HAVING count(*) > 1)
ORDER BY ALL;
