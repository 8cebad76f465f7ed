-- The words in which engines differ, said once for Apache Spark.  The same as in duckdb.sql, row for row.

-- Whole seconds from a to b.
CREATE OR REPLACE TEMPORARY FUNCTION secs_between(a TIMESTAMP_NTZ, b TIMESTAMP_NTZ) RETURNS BIGINT
    RETURN timestampdiff(SECOND, a, b);

-- The instant n seconds after t.
CREATE OR REPLACE TEMPORARY FUNCTION plus_seconds(t TIMESTAMP_NTZ, n BIGINT) RETURNS TIMESTAMP_NTZ
    RETURN t + make_dt_interval(0, 0, 0, n);

-- The day n days after d.
CREATE OR REPLACE TEMPORARY FUNCTION plus_days(d DATE, n BIGINT) RETURNS DATE
    RETURN date_add(d, CAST(n AS INT));

-- Microseconds since 1970: an instant as a number that every engine writes alike.
CREATE OR REPLACE TEMPORARY FUNCTION micros(t TIMESTAMP_NTZ) RETURNS BIGINT
    RETURN unix_micros(CAST(t AS TIMESTAMP));

-- The quarter of an hour that holds t; local days begin at one, in every zone.
CREATE OR REPLACE TEMPORARY FUNCTION quarter_of(t TIMESTAMP_NTZ) RETURNS TIMESTAMP_NTZ
    RETURN CAST(timestamp_seconds(floor(unix_seconds(CAST(t AS TIMESTAMP)) / 900) * 900) AS TIMESTAMP_NTZ);

-- A named property out of a JSON object, as text.
CREATE OR REPLACE TEMPORARY FUNCTION property_of(json STRING, name STRING) RETURNS STRING
    RETURN get_json_object(json, concat('$[''', name, ''']'));

-- The id of a thing by what names it: 72 bits of a hash, as twelve characters, which is what engines keep in place.
CREATE OR REPLACE TEMPORARY FUNCTION id_of(name STRING) RETURNS STRING
    RETURN translate(base64(unhex(left(md5(name), 18))), '+/', '._');

-- A number for what a text names: 60 bits of a hash.  Inside a build alone; engines sort numbers several times as fast.
CREATE OR REPLACE TEMPORARY FUNCTION number_of(name STRING) RETURNS BIGINT
    RETURN CAST(conv(left(md5(name), 15), 16, 10) AS BIGINT);

-- A value without what people put around nothing: case, blanks, quotes and brackets of any script, the width of letters;
-- of zeros and marks alone, and of eight or more of f, nothing is left.  Ordinary ids are told first: that is three times as fast.
CREATE OR REPLACE TEMPORARY FUNCTION plain_of(value STRING) RETURNS STRING
    RETURN regexp_replace(
        CASE
            WHEN NOT value RLIKE '[^0-9A-Za-z_.-]' THEN lower(value)
            ELSE regexp_replace(
                translate(lower(value), 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＃－．／：＼＿＜＞＂｀', 'abcdefghijklmnopqrstuvwxyz0123456789#-./:\\_<>"`'),
                '[\\p{Z}\\p{Cc}\\p{Cf}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}"''`<>]', '')
        END, '^(?:[0\\p{P}]*|[f:-]{8,})$', '');

-- Standard error of the ratio x/n when units come in clusters (people): sums over clusters of x, n, x*x, x*n, n*n.
CREATE OR REPLACE TEMPORARY FUNCTION clustered_error(x DOUBLE, n DOUBLE, xx DOUBLE, xn DOUBLE, nn DOUBLE, n_clusters DOUBLE) RETURNS DOUBLE
    RETURN CASE WHEN n_clusters > 1 AND n > 0 THEN
        CASE WHEN xx - 2 * (x / n) * xn + (x / n) * (x / n) * nn <= 1e-12 * xx THEN 0
            ELSE sqrt(n_clusters / (n_clusters - 1) * (xx - 2 * (x / n) * xn + (x / n) * (x / n) * nn)) / n END END;

-- The number of independent units that would give a share this error; all n where the clusters show no variance.
CREATE OR REPLACE TEMPORARY FUNCTION effective_n(share DOUBLE, error DOUBLE, n DOUBLE) RETURNS DOUBLE
    RETURN CASE WHEN error IS NULL THEN NULL WHEN share <= 0 OR share >= 1 OR error = 0 THEN n ELSE share * (1 - share) / (error * error) END;

-- Wilson's 95 % interval of a share (Wilson 1927) on its effective number of units.
CREATE OR REPLACE TEMPORARY FUNCTION wilson_low(share DOUBLE, n_eff DOUBLE) RETURNS DOUBLE
    RETURN CASE WHEN n_eff > 0 THEN greatest(0,
    (share + 1.920729410347062 / n_eff - 1.959963984540054 * sqrt(share * (1 - share) / n_eff + 0.960364705173531 / (n_eff * n_eff)))
    / (1 + 3.841458820694124 / n_eff)) END;
CREATE OR REPLACE TEMPORARY FUNCTION wilson_high(share DOUBLE, n_eff DOUBLE) RETURNS DOUBLE
    RETURN CASE WHEN n_eff > 0 THEN least(1,
    (share + 1.920729410347062 / n_eff + 1.959963984540054 * sqrt(share * (1 - share) / n_eff + 0.960364705173531 / (n_eff * n_eff)))
    / (1 + 3.841458820694124 / n_eff)) END;
