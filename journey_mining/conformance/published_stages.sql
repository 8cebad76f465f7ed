-- One row per stage of each journey of a published workspace, in order.  key: journey, stage
-- reads: published.stages, published.journey_definitions
SELECT stages.journey, stage, is_optional, is_repeatable, within_seconds
FROM published.stages AS stages JOIN published.journey_definitions AS definitions USING (journey)
ORDER BY definitions.position, stages.position;
