-- published_steps: the steps of one journey of a published workspace, with whose their journeys are and how they ended.
-- event: what the source calls what happened.
-- A ticket or an order may be touched by several people: its journey is that of the first one known.
-- key: journey_id, step_number
-- reads: published.journey_steps, published.journey_outcomes, published.events, $journey
CREATE OR REPLACE TEMP VIEW published_steps AS
SELECT
    steps.journey_id, outcomes.person_id, steps.session_id, steps.step_number, steps.occurred_at,
    steps.stage, steps.touchpoint, events.event_name AS event, outcomes.outcome,
    steps.event_no, steps.event_id, steps.channel, steps.order_key, outcomes.persona
FROM published.journey_steps AS steps
JOIN published.journey_outcomes AS outcomes USING (journey_id)
LEFT JOIN published.events AS events USING (event_no)
WHERE steps.journey = $journey;

-- published_order: one row per stage and touchpoint of the journey, in the order of journey.yaml.  key: alphabet, name
-- A touchpoint comes where its stage does; those of a stage lie in the table as they are listed there.
-- reads: published.stages, published.stage_touchpoints, $journey
CREATE OR REPLACE TEMP VIEW published_order AS
SELECT 'stage' AS alphabet, stage AS name, position, 0 AS place FROM published.stages WHERE journey = $journey
UNION ALL
SELECT 'touchpoint', touchpoint, position, uses.rowid
FROM published.stage_touchpoints AS uses JOIN published.stages AS stages USING (journey, stage)
WHERE journey = $journey;

-- published_observed: one row.  as_of: up to when the sources of this journey are complete; zone: whose days are reported.
CREATE OR REPLACE TEMP VIEW published_observed AS
SELECT as_of, zone FROM published.journey_definitions CROSS JOIN published.settings WHERE journey = $journey;
