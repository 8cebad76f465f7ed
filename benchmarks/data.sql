-- What an invented shop delivers on one day, in the columns of the landing contract but for source and provenance.
-- Every figure is a hash of what it is about: a day can be made alone, by any process, and is the same again.
-- Given: variables seed, n_slots, first_on; the table hot_people (person, n_visits a day, n_events a visit, first_hour, n_hours).
-- Made: macros of the day's number (1 is first_on): visits_on, which fills the table visits, and, from that table,
-- web_events, order_events, ticket_events, late_events, merging_events.

-- A number from 0 to 1 that belongs to a key and a purpose.
CREATE MACRO draw(key, purpose) AS hash(key, purpose, getvariable('seed')) / 18446744073709551616.0;

CREATE MACRO start_of(day) AS CAST(CAST(getvariable('first_on') AS DATE) + CAST(day - 1 AS INTEGER) AS TIMESTAMP);

CREATE MACRO id(key) AS lpad(to_hex(CAST(key AS UBIGINT)), 16, '0');

CREATE MACRO properties_of(visit) AS '{"os": "' || list_value('Android', 'iOS', 'Windows', 'macOS')[CAST(1 + visit % 4 AS INTEGER)] || '"}';

-- Every slot holds one person after the other, for 20 to 200 days each: the shop is as busy on any day.  How often somebody
-- comes follows a power law.
CREATE MACRO people_on(day) AS TABLE
SELECT person, least(0.8, 0.0115 * pow(draw(person, 1), -0.6)) AS daily_share
FROM (
    SELECT 1000 * slot + CAST((day + 200 + hash(slot, 'from') % life) // life AS BIGINT) AS person
    FROM (SELECT range AS slot, 20 + hash(range, 'life') % 180 AS life FROM range(CAST(getvariable('n_slots') AS BIGINT)))
);

-- Who comes when: most once, for 2 to 30 events; hot people many times, from their first hour on.  The visits that begin
-- with another number are other visits of the same people.
CREATE MACRO visitors_on(day, from_number) AS TABLE
SELECT person, FALSE AS is_hot, hash(person, day, number + from_number) AS visit,
    CAST(2 + least(28, floor(-7.6 * ln(draw(visit, 1)))) AS INTEGER) AS n_events,
    3600 * (4 + 12 * sqrt(draw(visit, 2)) + 1.1 * number) AS starts
FROM people_on(day), range(CAST(1 + CAST(draw(person * 1000 + day, 2) < 0.15 AS INTEGER) + 4 * CAST(daily_share > 0.5 AS INTEGER) AS BIGINT)) AS numbers (number)
WHERE draw(person * 1000 + day, 3) < daily_share
UNION ALL
SELECT person, TRUE, hash(person, day, number + from_number) AS visit, CAST(n_events AS INTEGER),
    3600 * (first_hour + n_hours * (number + draw(visit, 2) / 8) / n_visits)
FROM hot_people, range(CAST(ceil(n_visits) AS BIGINT)) AS numbers (number)
WHERE number + draw(person * 1000000 + day * 1000 + number, 4) < n_visits OR number + 1 <= n_visits;

-- depth: how far a visit comes, from 0 (looks around) to 5 (buys); who never logs in buys as a guest.  known_from: the
-- number of its first event under a login.  pace: seconds between events; after event pauses_at some are away for long.
CREATE MACRO visits_on(day, from_number) AS TABLE
WITH depths AS (
    SELECT *, hash(person, 'account') % 10 < 6 OR is_hot AS has_account,
        CASE WHEN person = -1 THEN 0 WHEN n_events < 6 THEN CAST(draw(visit, 5) < 0.5 AS INTEGER)
            ELSE list_value(0, 1, 1, 1, 2, 2, 2, 3, 4, 5)[CAST(1 + floor(10 * draw(visit, 5)) AS INTEGER)] END AS depth,
        -- Some have a second device, and one in two hundred uses that of a neighbour.
        CASE WHEN hash(person, 'devices') % 10 < 3 AND draw(visit, 7) < 0.4 THEN 1 ELSE 0 END AS device,
        CASE WHEN hash(person // 2000, 'shared') % 200 = 0 THEN person - person % 2000 ELSE person END AS owner
    FROM visitors_on(day, from_number)
)
SELECT day AS day, from_number AS from_number, *, start_of(day) + to_microseconds(CAST(starts * 1000000 AS BIGINT)) AS started_at,
    CASE WHEN NOT has_account THEN n_events WHEN is_hot OR draw(visit, 6) < 0.2 THEN 0
        WHEN depth >= 3 THEN 1 + CAST(ceil(3.0 * (n_events - 1) / depth) AS INTEGER) ELSE n_events END AS known_from,
    6 + 54 * pow(draw(visit, 8), 2) AS pace,
    CASE WHEN draw(visit, 9) < 0.2 AND NOT is_hot THEN n_events // 2 ELSE n_events END AS pauses_at,
    600 + 3600 * draw(visit, 10) AS pause
FROM depths;

-- The visits of the days that the others look back to; whoever delivers a day fills it first.
CREATE TABLE visits AS FROM visits_on(0, 0) LIMIT 0;

-- Some use an account of their work's too; the e-mail address is the same.
CREATE MACRO user_of(person, visit) AS
    CAST(6100000000 + person + CASE WHEN hash(person, 'work') % 50 = 0 AND draw(visit, 11) < 0.3 THEN 500 ELSE 0 END AS VARCHAR);

CREATE MACRO web_events(on_day, first_number) AS TABLE
WITH touches AS (
    SELECT visits.*, number,
        hash(visit, number) AS touch, hash(visit, number) % 1000 / 1000.0 AS luck,
        CASE WHEN n_events > 1 THEN depth * number // (n_events - 1) ELSE 0 END AS level,
        number - CAST(ceil(3.0 * (n_events - 1) / greatest(depth, 1)) AS INTEGER) AS in_checkout
    FROM visits, range(CAST(n_events AS BIGINT)) AS numbers (number)
    WHERE visits.day = on_day AND visits.from_number = first_number
),
named AS (
    SELECT *,
        CASE level
            WHEN 0 THEN CASE WHEN number = 0 OR luck < 0.4 THEN 'page_view' WHEN luck < 0.65 THEN 'search' WHEN luck < 0.68 THEN 'help_view' ELSE 'view_item' END
            WHEN 1 THEN CASE WHEN luck < 0.75 THEN 'view_item' ELSE 'page_view' END
            WHEN 2 THEN CASE WHEN luck < 0.6 THEN 'add_to_cart' ELSE 'page_view' END
            WHEN 3 THEN CASE WHEN in_checkout <= 0 THEN 'begin_checkout' WHEN NOT has_account OR in_checkout > 2 THEN 'add_shipping_info'
                WHEN in_checkout = 1 THEN 'login_attempt' WHEN luck < 0.1 THEN 'login_error' ELSE 'login_success' END
            WHEN 4 THEN CASE WHEN luck < 0.1 THEN 'payment_error' ELSE 'add_payment_info' END
            ELSE 'purchase'
        END AS event_name
    FROM touches
)
SELECT person, id(touch) AS event_id, event_name, 'web' AS channel, FALSE AS is_passive,
    started_at + to_microseconds(CAST(1000000 * (pace * (number + 0.8 * luck) + CASE WHEN number >= pauses_at THEN pause ELSE 0 END) AS BIGINT)) AS occurred_at,
    id(hash(owner, device, 'device')) AS device_id,
    CASE WHEN number >= known_from THEN user_of(person, visit) END AS user_id,
    CASE level
        WHEN 0 THEN CASE WHEN number = 0 AND visit % 3 = 0 THEN '/' ELSE '/l/' || (touch % 40) END
        WHEN 1 THEN CASE event_name WHEN 'view_item' THEN '/p/' || (touch % 2000) ELSE '/c/' || (touch % 60) END
        WHEN 2 THEN '/cart' WHEN 3 THEN '/checkout' WHEN 4 THEN '/pay' ELSE '/receipt'
    END AS page_path,
    CASE WHEN number = 0 THEN list_value('www.google.com', 'www.bing.com', 'example.org', NULL)[CAST(1 + visit % 4 AS INTEGER)] END AS referrer_host,
    list_value('newsletter', 'google', 'instagram', NULL, NULL, NULL)[CAST(1 + visit % 6 AS INTEGER)] AS campaign_source,
    list_value('email', 'cpc', 'social', NULL, NULL, NULL)[CAST(1 + visit % 6 AS INTEGER)] AS campaign_medium,
    list_value('mobile', 'desktop', 'tablet', 'mobile')[CAST(1 + hash(owner, device) % 4 AS INTEGER)] AS device_type,
    list_value('DE', 'AT', 'CH', 'GB', 'FR')[CAST(1 + hash(person) % 5 AS INTEGER)] AS country,
    CASE WHEN event_name IN ('view_item', 'add_to_cart') THEN 'p' || (touch % 2000) END AS product_id,
    CASE event_name WHEN 'purchase' THEN id(visit) END AS order_id,
    CASE event_name WHEN 'purchase' THEN CAST(5 + visit % 20000 / 100 AS DECIMAL(18, 4)) END AS amount,
    CASE event_name WHEN 'purchase' THEN 'EUR' END AS currency,
    properties_of(visit) AS properties
FROM named;

-- What was bought on a day.
CREATE MACRO orders_on(on_day) AS TABLE
SELECT *, started_at + to_microseconds(CAST(1000000 * (pace * n_events + pause) AS BIGINT)) AS ordered_at,
    id(visit) AS order_id, CAST(5 + visit % 20000 / 100 AS DECIMAL(18, 4)) AS amount,
    md5('email' || person) AS email_key, CASE WHEN hash(person, 'phone') % 10 < 6 THEN md5('phone' || person) END AS phone_key,
    CASE WHEN has_account THEN user_of(person, visit) END AS user_id
FROM visits
WHERE visits.day = on_day AND from_number = 0 AND depth = 5 AND n_events >= 6;

-- Orders are sent when they are placed, and again two days later, when they were delivered.
CREATE MACRO order_events(day) AS TABLE
SELECT person, order_id || '-' || event_name AS event_id, event_name, 'shop' AS channel, event_name <> 'order_placed' AS is_passive,
    CASE event_name WHEN 'order_placed' THEN ordered_at ELSE updated_at END AS occurred_at,
    user_id, email_key, phone_key, order_id, CASE event_name WHEN 'order_placed' THEN amount END AS amount,
    CASE event_name WHEN 'order_placed' THEN 'EUR' END AS currency, order_id AS record_id, updated_at
FROM (
    SELECT *, ordered_at AS updated_at, ['order_placed'] AS event_names FROM orders_on(day)
    UNION ALL
    SELECT *, ordered_at + INTERVAL 2 DAY, ['order_placed', 'order_delivered'] FROM orders_on(day - 2)
), unnest(event_names) AS names (event_name);

-- A seventh of the orders lead to a ticket on the next day, which is sent again, solved, two days after.
CREATE MACRO ticket_events(day) AS TABLE
SELECT person, 'ticket-' || order_id || '-' || event_name AS event_id, event_name, 'email' AS channel, event_name IN ('first_response', 'resolved') AS is_passive,
    CASE event_name WHEN 'ticket_opened' THEN opened_at WHEN 'first_response' THEN opened_at + to_seconds(CAST(pause AS BIGINT))
        WHEN 'resolved' THEN opened_at + INTERVAL 40 HOUR ELSE opened_at + INTERVAL 41 HOUR END AS occurred_at,
    email_key, phone_key, CASE WHEN visit % 2 = 0 THEN order_id END AS order_id, 'ticket-' || order_id AS ticket_id,
    CASE event_name WHEN 'rated' THEN CAST(1 + visit % 5 AS DOUBLE) END AS rating,
    CASE event_name WHEN 'rated' THEN 5.0 END AS rating_max,
    'ticket-' || order_id AS record_id, updated_at
FROM (
    SELECT *, ordered_at + INTERVAL 20 HOUR AS opened_at, opened_at + INTERVAL 2 HOUR AS updated_at, ['ticket_opened', 'first_response'] AS event_names
    FROM orders_on(day - 1)
    UNION ALL
    SELECT *, ordered_at + INTERVAL 20 HOUR AS opened_at, opened_at + INTERVAL 42 HOUR,
        CASE WHEN visit % 11 < 6 THEN ['ticket_opened', 'first_response', 'resolved', 'rated'] ELSE ['ticket_opened', 'first_response', 'resolved'] END
    FROM orders_on(day - 3)
), unnest(event_names) AS names (event_name)
WHERE hash(visit, 'ticket') % 7 = 0;

-- About a thousand more visits of 150 days ago, delivered today.
CREATE MACRO late_events(day) AS TABLE
WITH found AS (SELECT * FROM web_events(day - 150, 500)),
chosen AS (SELECT device_id FROM found GROUP BY device_id ORDER BY md5(device_id) LIMIT 1000)
SELECT found.* FROM found JOIN chosen ON found.device_id = chosen.device_id;

-- A thousand orders, each placed under the login of one customer with the e-mail address of another: two people become one.
CREATE MACRO merging_events(day) AS TABLE
WITH customers AS (
    SELECT user_id, email_key, visit, row_number() OVER (ORDER BY visit) AS place
    FROM orders_on(day - 4)
    WHERE has_account AND NOT is_hot
)
SELECT 'merge-' || logins.visit AS event_id, 'order_placed' AS event_name, 'shop' AS channel, FALSE AS is_passive,
    start_of(day) + INTERVAL 12 HOUR + to_seconds(logins.place) AS occurred_at,
    logins.user_id, addresses.email_key, 'merge-' || logins.visit AS order_id, CAST(20 AS DECIMAL(18, 4)) AS amount,
    'EUR' AS currency, 'merge-' || logins.visit AS record_id, start_of(day) + INTERVAL 12 HOUR AS updated_at
FROM customers AS logins
JOIN customers AS addresses ON logins.place + 1 = addresses.place
WHERE logins.place % 2 = 1 AND logins.place < 2000;
