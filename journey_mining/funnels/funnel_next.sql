-- chains, one position further: each takes the earliest touch of the stage wanted at $position that it has not used
-- and that is not before the one it stands on (equal instants: either order), within the time from its entry.
-- The touches of one name are used in their order, so what is unused comes after the last one used.
-- reads: chains, wanted, touches, $position
INSERT INTO chains
SELECT
    chains.journey_no, chains.entered_at, chains.position, touches.occurred_at, touches.first_step_number,
    list_append(chains.used, touches.step_number)
FROM (
    SELECT
        chains.* EXCLUDE (position),
        wanted.*,
        greatest(first_step_number, coalesce(used[last_position_of_name] + 1, first_step_number)) AS from_step_number
    FROM chains JOIN wanted ON chains.position = wanted.position - 1
    WHERE wanted.position = $position
) AS chains
ASOF JOIN touches
    ON touches.journey_no = chains.journey_no AND touches.name = chains.name
    AND touches.step_number >= chains.from_step_number
WHERE within IS NULL OR touches.occurred_at <= entered_at + within;
