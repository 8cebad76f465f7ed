-- aligned: one row per visit to a stage of the design.  key: journey_no, place
-- is_chosen: the visit is the designed path's; the others are out of order.  n_th: which of its position's chosen.
-- reads: designed_visits, journey_variants, variants, chosen (variant_no, place)
CREATE TEMP TABLE aligned AS
SELECT
    designed_visits.*,
    chosen.place IS NOT NULL AS is_chosen,
    row_number() OVER (PARTITION BY journey_no, position, chosen.place IS NULL ORDER BY designed_visits.place) AS n_th
FROM designed_visits
JOIN journey_variants USING (journey_no)
JOIN variants USING (positions)
LEFT JOIN chosen
    ON chosen.variant_no = variants.variant_no AND chosen.place = designed_visits.place;

-- journey_stages: one row per journey and position that it visited.  key: journey_no, position
-- seconds: from entering the position chosen before to entering this one; NULL where either is missing.
-- reads: aligned, designed
CREATE TEMP TABLE journey_stages AS
WITH entered AS (
    SELECT
        journey_no, position,
        (epoch_us(entered_at) - lag(epoch_us(entered_at)) OVER (PARTITION BY journey_no ORDER BY position)) / 1e6
            AS seconds
    FROM aligned
    WHERE is_chosen AND n_th = 1
),
counted AS (
    SELECT journey_no, position, count(*) FILTER (NOT is_chosen) AS n_out_of_order, bool_or(is_chosen) AS is_visited
    FROM aligned
    GROUP BY journey_no, position
)
SELECT
    journey_no,
    position,
    n_out_of_order,
    is_visited,
    seconds,
    coalesce(seconds > within_seconds::DOUBLE, FALSE) AS is_late
FROM counted JOIN designed USING (position) LEFT JOIN entered USING (journey_no, position);

-- deviations: one row per journey.  key: journey_no
-- A required stage without a visit of its own is skipped if a later one has one, else unreached. Fitness is 1 less the
-- cost of the deviations over what they cost at worst: every visit left over, every required stage missing.
-- reads: journeys, visits, journey_stages, designed
CREATE TEMP TABLE deviations AS
WITH required AS (
    SELECT position, row_number() OVER (ORDER BY position) AS n_before, count(*) OVER () AS n_required
    FROM designed
    WHERE NOT is_optional
),
seen AS (SELECT journey_no, count(*) AS n_visits FROM visits GROUP BY journey_no),
designed_seen AS (
    SELECT
        journey_no,
        max(position) FILTER (is_visited) AS last_position,
        count(*) FILTER (is_visited AND NOT is_optional) AS n_required_visited,
        sum(n_out_of_order)::BIGINT AS n_out_of_order,
        count(*) FILTER (is_late) AS n_late
    FROM journey_stages JOIN designed USING (position)
    GROUP BY journey_no
),
n_designed AS (SELECT journey_no, count(*) AS n_designed_visits FROM aligned GROUP BY journey_no),
passed AS (
    SELECT journey_no, count(required.position) AS n_required_passed
    FROM designed_seen LEFT JOIN required ON required.position <= last_position
    GROUP BY journey_no
),
counted AS (
    SELECT
        journey_no,
        n_visits,
        coalesce(n_required_passed - n_required_visited, 0) AS n_skipped,
        (SELECT count(*) FROM required) - coalesce(n_required_passed, 0) AS n_unreached,
        n_visits - coalesce(n_designed_visits, 0) AS n_inserted,
        coalesce(n_out_of_order, 0) AS n_out_of_order,
        coalesce(n_late, 0) AS n_late
    FROM seen
    LEFT JOIN designed_seen USING (journey_no)
    LEFT JOIN passed USING (journey_no)
    LEFT JOIN n_designed USING (journey_no)
)
SELECT
    *,
    1 - (n_skipped + n_unreached + n_inserted + n_out_of_order)
        / (n_visits + (SELECT count(*) FROM required))::DOUBLE AS fitness
FROM counted;
