-- One row: how many steps or journeys break the contract of the table `steps`, and an example of each name.
-- reads: steps
WITH per_journey AS (
    SELECT
        count(*) FILTER (
            journey_id IS NULL OR step_number IS NULL OR occurred_at IS NULL OR name IS NULL
        ) AS n_incomplete,
        count(*) - count(DISTINCT step_number) AS n_repeated,
        min(name) FILTER (
            name IN ('(start)', '(success)', '(dropped)', '(active)', '(open)', '(end)', '(other)', '(more)')
        ) AS reserved_name,
        count(DISTINCT outcome) > 1 OR count(outcome) BETWEEN 1 AND count(*) - 1 AS has_two_outcomes,
        min(outcome) FILTER (outcome NOT IN ('succeeded', 'dropped', 'active', 'open')) AS unknown_outcome,
        count(outcome) = 0 AS is_without_outcome
    FROM steps
    GROUP BY journey_id
)
SELECT
    coalesce(sum(n_incomplete), 0)::BIGINT AS n_incomplete,
    coalesce(sum(n_repeated), 0)::BIGINT AS n_repeated,
    min(reserved_name) AS reserved_name,
    min(unknown_outcome) AS unknown_outcome,
    count(*) FILTER (has_two_outcomes) AS n_with_two_outcomes,
    count(*) FILTER (is_without_outcome) AS n_without_outcome
FROM per_journey;
