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
SELECT
    * REPLACE ((row_number() OVER (PARTITION BY journey_no ORDER BY step_number))::INTEGER AS step_number)
FROM kept;

CREATE TABLE observed AS SELECT as_of FROM known_observed;

CREATE TABLE changes AS FROM known_changes;
