-- kpi_sums: one row per KPI, persona or (all), and day, week or period: its mature units, summed over people.
-- key: kpi, persona, period, day
-- partition: sum
-- publish: work
-- reads: kpi_clusters
-- xx, xn, nn: sums over people of squares and products of x, the sum of their values, and n, their units; see clustered_error.
-- One digit more than x has, so that its square has room: a till has a hundred thousand units.
SELECT kpi, persona, period, day, CAST(sum(n) AS BIGINT) AS n_units, count(person_id) AS n_people, sum(x) AS x,
    sum(CAST(x AS DECIMAL(19, 4)) * x) AS xx, sum(x * n) AS xn, CAST(sum(n * n) AS BIGINT) AS nn, count(*) AS n_clusters
FROM kpi_clusters
GROUP BY kpi, persona, period, day;
