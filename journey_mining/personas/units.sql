-- moves: one row per visit.  unit_no: whose it is, a person (a journey of nobody stands for one), or a journey.
-- reads: visits, journeys, $of
CREATE TEMP TABLE moves AS
SELECT CASE WHEN $of = 'journey' THEN journey_no ELSE cluster_no END AS unit_no, previous_name, name, seconds_before
FROM visits JOIN journeys USING (journey_no);

-- units: one row per person, or per journey.  key: unit_no
-- n_seconds: spent within sessions, which end with a silence longer than the gap.
-- reads: moves, journeys, $of, $gap_seconds
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
        count(previous_name) AS n_moves,
        count(*) FILTER (previous_name IS NULL OR seconds_before > $gap_seconds) AS n_sessions,
        coalesce(sum(seconds_before::BIGINT) FILTER (seconds_before <= $gap_seconds), 0) AS n_seconds
    FROM moves
    GROUP BY unit_no
)
SELECT * FROM known JOIN counted USING (unit_no);
