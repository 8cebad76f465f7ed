-- by_device.visits: all visits of touched streams.
SELECT visits.*
FROM journeys.work.visits
JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream;
