-- One row: how many rows or journeys break the contract of the table of steps, and an example of each wrong word.
-- Journeys are numbered before they are put in order: to sort by numbers costs much less than by text.
-- reads: source
WITH numbers AS MATERIALIZED (
    SELECT journey_id, (row_number() OVER ())::INTEGER AS journey_no
    FROM (SELECT DISTINCT journey_id FROM source) AS known
),
followed AS (
    SELECT
        step_number = lag(step_number) OVER in_order AS is_repeated,
        occurred_at < lag(occurred_at) OVER in_order AS is_early
    FROM source JOIN numbers ON numbers.journey_id IS NOT DISTINCT FROM source.journey_id
    WINDOW in_order AS (PARTITION BY journey_no ORDER BY step_number, occurred_at)
),
misplaced AS (
    SELECT count(*) FILTER (is_repeated) AS n_repeated, count(*) FILTER (is_early) AS n_early FROM followed
),
per_journey AS (
    SELECT
        journey_id,
        count(*) FILTER (journey_id IS NULL OR step_number IS NULL OR occurred_at IS NULL) AS n_incomplete,
        min(outcome) <> max(outcome) OR count(outcome) BETWEEN 1 AND count(*) - 1 AS has_two_outcomes,
        min(outcome) FILTER (outcome NOT IN ('succeeded', 'dropped', 'active', 'open')) AS unknown_outcome,
        count(outcome) = 0 AS is_without_outcome,
        min(person_id) <> max(person_id) OR count(person_id) BETWEEN 1 AND count(*) - 1 AS has_two_people
    FROM source
    GROUP BY journey_id
)
SELECT
    coalesce(sum(n_incomplete), 0)::BIGINT AS n_incomplete,
    coalesce(any_value(n_repeated), 0) AS n_repeated,
    coalesce(any_value(n_early), 0) AS n_early,
    min(unknown_outcome) AS unknown_outcome,
    count(*) FILTER (has_two_outcomes) AS n_with_two_outcomes,
    count(*) FILTER (is_without_outcome) AS n_without_outcome,
    count(*) FILTER (has_two_people) AS n_with_two_people,
    min(journey_id) FILTER (has_two_people) AS journey_with_two_people
FROM per_journey, misplaced;
