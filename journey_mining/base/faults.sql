-- One row: how many rows or journeys break the contract of the table of steps, and an example of each wrong word.
-- reads: source
WITH followed AS (
    SELECT
        *,
        step_number = lag(step_number) OVER in_order AS is_repeated,
        occurred_at < lag(occurred_at) OVER in_order AS is_early
    FROM source
    WINDOW in_order AS (PARTITION BY journey_id ORDER BY step_number, occurred_at)
),
per_journey AS (
    SELECT
        count(*) FILTER (journey_id IS NULL OR step_number IS NULL OR occurred_at IS NULL) AS n_incomplete,
        count(*) FILTER (is_repeated) AS n_repeated,
        count(*) FILTER (is_early) AS n_early,
        count(DISTINCT outcome) > 1 OR count(outcome) BETWEEN 1 AND count(*) - 1 AS has_two_outcomes,
        min(outcome) FILTER (outcome NOT IN ('succeeded', 'dropped', 'active', 'open')) AS unknown_outcome,
        count(outcome) = 0 AS is_without_outcome,
        count(DISTINCT person_id) > 1 OR count(person_id) BETWEEN 1 AND count(*) - 1 AS has_two_people,
        any_value(journey_id) AS journey_id
    FROM followed
    GROUP BY journey_id
)
SELECT
    coalesce(sum(n_incomplete), 0)::BIGINT AS n_incomplete,
    coalesce(sum(n_repeated), 0)::BIGINT AS n_repeated,
    coalesce(sum(n_early), 0)::BIGINT AS n_early,
    min(unknown_outcome) AS unknown_outcome,
    count(*) FILTER (has_two_outcomes) AS n_with_two_outcomes,
    count(*) FILTER (is_without_outcome) AS n_without_outcome,
    count(*) FILTER (has_two_people) AS n_with_two_people,
    min(journey_id) FILTER (has_two_people) AS journey_with_two_people
FROM per_journey;
