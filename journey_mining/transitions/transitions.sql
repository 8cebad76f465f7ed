-- transitions: one row per pair of names that follow each other.  key: from, to
-- Counts, shares and seconds are of mature journeys; n_open counts the transitions of open ones.
-- reads: visits, journeys
WITH moves AS MATERIALIZED (
    SELECT
        journey_no, person_no, is_open,
        coalesce(previous_name, '(start)') AS source,
        name AS target,
        seconds_before
    FROM visits JOIN journeys USING (journey_no)
    UNION ALL
    SELECT journey_no, person_no, is_open, name, end_name, NULL
    FROM visits JOIN journeys USING (journey_no)
    WHERE is_last
),
-- Journeys and people once each, before they are counted: the quick way to count what is distinct.
by_journey AS (
    SELECT
        source, target, person_no,
        count(*) FILTER (NOT is_open) AS n_transitions,
        bool_or(NOT is_open) AS is_counted,
        count(*) FILTER (is_open) AS n_open
    FROM moves
    GROUP BY source, target, person_no, journey_no
),
by_person AS (
    SELECT
        source, target, person_no,
        sum(n_transitions) AS n_transitions,
        count(*) FILTER (is_counted) AS n_journeys,
        sum(n_open) AS n_open
    FROM by_journey
    GROUP BY source, target, person_no
),
counted AS (
    SELECT
        source,
        target,
        sum(n_transitions)::BIGINT AS n_transitions,
        sum(n_journeys)::BIGINT AS n_journeys,
        count(person_no) FILTER (n_journeys > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open
    FROM by_person
    GROUP BY source, target
),
times AS (
    SELECT
        source,
        target,
        quantile_cont(seconds_before, 0.5) AS median_seconds,
        quantile_cont(seconds_before, 0.9) AS p90_seconds
    FROM moves
    WHERE NOT is_open AND seconds_before IS NOT NULL
    GROUP BY source, target
)
SELECT
    counted.source::VARCHAR AS "from",
    counted.target::VARCHAR AS "to",
    n_transitions,
    n_journeys,
    n_people,
    n_transitions / nullif(sum(n_transitions) OVER (PARTITION BY counted.source), 0) AS probability,
    median_seconds,
    p90_seconds,
    n_open
FROM counted LEFT JOIN times USING (source, target)
ORDER BY n_transitions DESC, counted.source, counted.target;
