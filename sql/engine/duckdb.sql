-- The words in which engines differ, said once for DuckDB.  In the shell: .read sql/engine/duckdb.sql, then any model.

-- Whole seconds from a to b.
CREATE OR REPLACE MACRO secs_between(a, b) AS date_sub('second', a, b);

-- The instant n seconds after t.
CREATE OR REPLACE MACRO plus_seconds(t, n) AS t + to_seconds(n);

-- The day n days after d.
CREATE OR REPLACE MACRO plus_days(d, n) AS d + CAST(n AS INTEGER);

-- Microseconds since 1970: an instant as a number that every engine writes alike.
CREATE OR REPLACE MACRO micros(t) AS epoch_us(t);

-- The quarter of an hour that holds t; local days begin at one, in every zone.
CREATE OR REPLACE MACRO quarter_of(t) AS time_bucket(INTERVAL 15 MINUTE, t);

-- A named property out of a JSON object, as text.
CREATE OR REPLACE MACRO property_of(json, name) AS json_extract_string(json, '$."' || name || '"');

-- The id of a thing by what names it: 72 bits of a hash, as twelve characters, which is what engines keep in place.
CREATE OR REPLACE MACRO id_of(name) AS translate(to_base64(from_hex(left(md5(name), 18))), '+/', '._');

-- A number for what a text names: 60 bits of a hash.  Inside a build alone; engines sort numbers several times as fast.
CREATE OR REPLACE MACRO number_of(name) AS CASE WHEN name IS NOT NULL THEN CAST(hash(name) >> 4 AS BIGINT) END;

-- A value without what people put around nothing: case, blanks, quotes and brackets of any script, the width of letters;
-- of zeros and marks alone, and of eight or more of f, nothing is left.  Ordinary ids are told first: that is three times as fast.
CREATE OR REPLACE MACRO plain_of(value) AS regexp_replace(
    CASE
        WHEN NOT regexp_matches(value, '[^0-9A-Za-z_.-]') THEN lower(value)
        ELSE regexp_replace(
            translate(lower(value), 'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＃－．／：＼＿＜＞＂｀', 'abcdefghijklmnopqrstuvwxyz0123456789#-./:\_<>"`'),
            '[\p{Z}\p{Cc}\p{Cf}\p{Ps}\p{Pe}\p{Pi}\p{Pf}"''`<>]', '', 'g')
    END, '^(?:[0\p{P}]*|[f:-]{8,})$', '');

-- Standard error of the ratio x/n when units come in clusters (people): sums over clusters of x, n, x*x, x*n, n*n.
-- Ratio estimator: Cochran, Sampling Techniques (1977), section 6.3.  What is left by rounding alone counts as none.
CREATE OR REPLACE MACRO clustered_error(x, n, xx, xn, nn, n_clusters) AS
    CASE WHEN n_clusters > 1 AND n > 0 THEN
        CASE WHEN xx - 2 * (x / n) * xn + (x / n) * (x / n) * nn <= 1e-12 * xx THEN 0
            ELSE sqrt(n_clusters / (n_clusters - 1) * (xx - 2 * (x / n) * xn + (x / n) * (x / n) * nn)) / n END END;

-- The number of independent units that would give a share this error; all n where the clusters show no variance.
CREATE OR REPLACE MACRO effective_n(share, error, n) AS
    CASE WHEN error IS NULL THEN NULL WHEN share <= 0 OR share >= 1 OR error = 0 THEN n ELSE share * (1 - share) / (error * error) END;

-- Wilson's 95 % interval of a share (Wilson 1927) on its effective number of units.
CREATE OR REPLACE MACRO wilson_low(share, n_eff) AS CASE WHEN n_eff > 0 THEN greatest(0,
    (share + 1.920729410347062 / n_eff - 1.959963984540054 * sqrt(share * (1 - share) / n_eff + 0.960364705173531 / (n_eff * n_eff)))
    / (1 + 3.841458820694124 / n_eff)) END;
CREATE OR REPLACE MACRO wilson_high(share, n_eff) AS CASE WHEN n_eff > 0 THEN least(1,
    (share + 1.920729410347062 / n_eff + 1.959963984540054 * sqrt(share * (1 - share) / n_eff + 0.960364705173531 / (n_eff * n_eff)))
    / (1 + 3.841458820694124 / n_eff)) END;
