-- journey_touchpoints: one row per journey, stage, touchpoint and channel: how often it touched it there.
-- key: journey_id, stage, touchpoint, channel
-- partition: journey
-- publish: work
-- reads: journey_steps
SELECT journey_id, stage, touchpoint, coalesce(channel, '') AS channel, min(journey) AS journey, min(subject_id) AS subject_id, count(*) AS n_steps
FROM journey_steps
GROUP BY journey_id, stage, touchpoint, coalesce(channel, '');
