-- touches: one row per step in a stage of the funnel.  key: journey_no, step_number
-- Steps are numbered in order of time, so what has the first_step_number of its instant, or a higher one, is not earlier.
-- reads: steps, wanted
CREATE TEMP TABLE touches AS
SELECT
    journey_no, name, step_number, occurred_at,
    min(step_number) OVER (PARTITION BY journey_no, occurred_at) AS first_step_number
FROM steps
WHERE name IN (SELECT name FROM wanted);

-- chains: one row per entry and position it reached; `used` lists the step taken for each position so far.
-- key: journey_no, entered_at, position.  Here the entries: one per instant with a touch of the first stage;
-- without a limit of time the first of all reaches at least as far as any other.
-- reads: touches, wanted
CREATE TEMP TABLE chains AS
SELECT
    journey_no, occurred_at AS entered_at, position, occurred_at AS reached_at, first_step_number, [step_number] AS used
FROM touches JOIN wanted USING (name)
WHERE position = 1
QUALIFY row_number() OVER (PARTITION BY journey_no, occurred_at ORDER BY step_number) = 1
    AND (within IS NOT NULL OR row_number() OVER (PARTITION BY journey_no ORDER BY step_number) = 1);
