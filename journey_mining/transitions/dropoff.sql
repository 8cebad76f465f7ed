-- dropoff: one row per stage (or touchpoint).  key: name
-- A journey counts once per name, however often it returned; n_visits and exit_share are per visit.
-- reads: visits, journeys
CREATE OR REPLACE TEMP TABLE dropoff AS
WITH journey_names AS (
    SELECT name, journey_no, count(*) AS n_visits, bool_or(is_last) AS is_left
    FROM visits
    GROUP BY name, journey_no
),
clusters AS (
    SELECT
        name, cluster_no,
        count(*) FILTER (NOT is_open) AS n_journeys,
        count(*) FILTER (is_left AND end_name = '(dropped)') AS n_dropped,
        coalesce(sum(n_visits) FILTER (NOT is_open), 0) AS n_visits,
        count(*) FILTER (is_open) AS n_open
    FROM journey_names JOIN journeys USING (journey_no)
    GROUP BY name, cluster_no
),
rates AS (
    SELECT
        name,
        sum(n_journeys)::BIGINT AS n_journeys,
        count(*) FILTER (n_journeys > 0 AND cluster_no > 0) AS n_people,
        sum(n_dropped)::BIGINT AS n_dropped,
        sum(n_dropped) / nullif(sum(n_journeys), 0) AS rate,
        clustered_error(n_dropped, n_journeys) AS error,
        sum(n_visits)::BIGINT AS n_visits,
        sum(n_open)::BIGINT AS n_open
    FROM clusters
    GROUP BY name
)
SELECT
    name::VARCHAR AS name,
    n_journeys,
    n_people,
    n_dropped,
    rate AS dropoff_rate,
    wilson_low(rate, effective_units(rate, error, n_journeys)) AS dropoff_low,
    wilson_high(rate, effective_units(rate, error, n_journeys)) AS dropoff_high,
    error AS dropoff_error,
    n_visits,
    n_dropped / nullif(n_visits, 0) AS exit_share,
    n_open
FROM rates
ORDER BY n_journeys DESC, rates.name;
