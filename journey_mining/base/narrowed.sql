-- The tables of a log that holds a part of another's steps, in the same order.
-- reads: kept (some of the rows of the other), known_journeys (its journeys), known_observed, known_changes

CREATE TABLE journeys AS
SELECT
    known.* REPLACE (found.n_steps AS n_steps, found.started_at AS started_at, found.ended_at AS ended_at)
FROM known_journeys AS known JOIN (
    SELECT journey_no, count(*) AS n_steps, min(occurred_at) AS started_at, max(occurred_at) AS ended_at
    FROM kept
    GROUP BY journey_no
) AS found USING (journey_no);

CREATE TABLE rows AS
SELECT sorted.* EXCLUDE (n_rows_before) REPLACE ((row_number() OVER () - n_rows_before)::INTEGER AS step_number)
FROM (
    SELECT kept.*, n_rows_before
    FROM kept JOIN (
        SELECT journey_no,
            (sum(n_steps) OVER (ORDER BY journey_no) - n_steps)::INTEGER AS n_rows_before
        FROM journeys
    ) AS places USING (journey_no)
    ORDER BY journey_no, step_number
) AS sorted;

CREATE TABLE observed AS SELECT as_of FROM known_observed;

CREATE TABLE changes AS FROM known_changes;
