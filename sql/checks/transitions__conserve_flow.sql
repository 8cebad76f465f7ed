-- transitions__conserve_flow: what enters a stage leaves it
SELECT journey, persona, period, stage, sum(n)
FROM (
    SELECT journey, persona, period, to_stage AS stage, n_transitions + n_open AS n FROM transitions
    UNION ALL
    SELECT journey, persona, period, from_stage, -n_transitions - n_open FROM transitions
)
WHERE NOT starts_with(stage, '(')
GROUP BY journey, persona, period, stage
HAVING sum(n) <> 0;
