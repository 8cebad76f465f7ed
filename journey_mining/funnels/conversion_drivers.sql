-- conversion_drivers: one row per name done between entry and conversion, or the end of an attempt that came to none:
-- how many of the converted and of the others did it.  key: name
-- reads: counted, sequences, wanted, observed, $at_least
WITH spans AS (
    SELECT
        sequence_no, entry_step, entered_at, is_converted,
        coalesce(ended_at, epoch_us(observed.as_of) + 1) AS until_at,
        count(*) FILTER (is_converted) OVER () AS n_converted,
        count(*) FILTER (NOT is_converted) OVER () AS n_lost
    FROM counted, observed
    WHERE NOT is_open
),
done AS (
    SELECT name, sequence_no, entry_step, is_converted, n_converted, n_lost
    FROM spans JOIN sequences USING (sequence_no)
    WHERE at_us > entered_at AND at_us < until_at AND name::VARCHAR NOT IN (SELECT name FROM wanted)
    GROUP BY ALL
)
SELECT
    name::VARCHAR AS name,
    count(*) FILTER (is_converted) AS n_converted_with,
    count(*) FILTER (NOT is_converted) AS n_lost_with,
    n_converted - count(*) FILTER (is_converted) AS n_converted_without,
    n_lost - count(*) FILTER (NOT is_converted) AS n_lost_without
FROM done
GROUP BY name, n_converted, n_lost
HAVING count(*) >= $at_least
ORDER BY done.name;
