-- One row per time: how many attempts were converted, or last seen unconverted, then.  key: seconds, is_converted
-- reads: conversion_times
SELECT seconds, is_converted, count(*) AS n_entries FROM conversion_times GROUP BY ALL ORDER BY ALL;
