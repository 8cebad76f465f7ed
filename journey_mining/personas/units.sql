-- moves: one row per visit.  unit_no: whose it is, a person (a journey of nobody stands for one), or a journey.
-- reads: visits, journeys, $of
CREATE TEMP TABLE moves AS
SELECT CASE WHEN $of = 'journey' THEN journey_no ELSE cluster_no END AS unit_no, previous_name, name
FROM visits JOIN journeys USING (journey_no);

-- units: one row per person, or per journey.  key: unit_no
-- n_seconds: spent within sessions, which end with a silence longer than the gap: a silence within a stage visit too.
-- The row before is the step before (base/visits.sql).
-- reads: moves, steps, journeys, $of, $gap_seconds
CREATE TEMP TABLE units AS
WITH known AS (
    SELECT
        CASE WHEN $of = 'journey' THEN journey_no ELSE cluster_no END AS unit_no,
        min(CASE WHEN $of = 'journey' OR person_id IS NULL THEN journey_id ELSE person_id END) AS unit_id,
        min(cluster_no) AS cluster_no
    FROM journeys
    GROUP BY unit_no
),
counted AS (
    SELECT
        unit_no,
        count(*) AS n_visits,
        count(previous_name) AS n_moves
    FROM moves
    GROUP BY unit_no
),
silences AS (
    SELECT
        journey_no,
        CASE WHEN step_number > 1 THEN (epoch_us(occurred_at) - epoch_us(lag(occurred_at) OVER ())) / 1e6 END AS seconds
    FROM steps
),
timed AS (
    SELECT
        CASE WHEN $of = 'journey' THEN journey_no ELSE cluster_no END AS unit_no,
        count(*) FILTER (seconds IS NULL OR seconds > $gap_seconds) AS n_sessions,
        coalesce(sum(seconds::BIGINT) FILTER (seconds <= $gap_seconds), 0) AS n_seconds
    FROM silences JOIN journeys USING (journey_no)
    GROUP BY unit_no
)
SELECT * FROM known JOIN counted USING (unit_no) JOIN timed USING (unit_no);
