-- experiments/novelty
-- experiments/novelty: exact sums of one metric by day since each unit's first exposure.
-- grain   one row per (arm, days seen) with day −1: the units that were seen for so many whole days;
--         one row per (arm, day) with days 0: the units that have something to add up on that day, of those seen for all of it
-- reads   the tables of experiments/sources and experiments/happened
-- params  those tables' params, the number of days
-- nulls   a unit without events on a day is in no row of that day: its zeros are known from the units that were seen
-- money   minor units of the project's currency
WITH units AS (
SELECT g.unit_key, g.stranger, g.sightings, g.unknown, g.arm, g.first_us, g.acquired_us, g.known,
       CASE WHEN g.arm IS NULL THEN 'unknown' WHEN g.arm <> g.other_arm THEN 'mixed' WHEN g.test = 1 THEN 'excluded' ELSE 'analysed' END AS status,
       '' AS stratum,
       CASE WHEN g.first_us <= ? THEN 3 WHEN g.first_us <= ? THEN 2 WHEN g.first_us <= ? THEN 1 ELSE 0 END AS closed,
       g.first_us - mod(g.first_us, 86400000000) AS day_us
FROM  (SELECT s.unit_key, s.stranger, count(*) AS sightings, count(*) - count(s.arm) AS unknown,
              min(s.arm) AS arm, max(s.arm) AS other_arm, min(CASE WHEN s.arm IS NOT NULL THEN s.at_us END) AS first_us,
              min(s.acquired_us) AS acquired_us, min(s.known) AS known, min(s.test) AS test
       FROM  (SELECT k.person_key AS unit_key, CASE WHEN k.person_key IS NULL THEN COALESCE(i.person_id, x.unit_id) END AS stranger,
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS arm,
                     epoch_us(x.exposed_at) AS at_us,
                     epoch_us(k.acquired_at) AS acquired_us,
                     CASE WHEN k.person_key IS NULL THEN 0 ELSE 1 END AS known,
                     CASE WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 1 ELSE 0 END AS test
              FROM   "exposures" AS x
              LEFT   JOIN "identities" AS i ON i.alias = x.unit_id
              LEFT   JOIN "persons" AS k ON k.person_id = COALESCE(i.person_id, x.unit_id)
              WHERE  x.experiment = ? AND x.exposed_at < CAST(? AS TIMESTAMP)) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
),
names AS (
  SELECT event_key, CASE event WHEN ? THEN 0 END AS code
  FROM   "event_names"
)
SELECT u.arm, u.closed AS days, -1 AS day, count(*) AS units, '0' AS sum_y, '0' AS sum_y_y
FROM   units AS u
WHERE  u.status = 'analysed'
GROUP  BY u.arm, u.closed
UNION ALL
SELECT s.arm, 0, s.day, count(*), CAST(sum(s.y) AS VARCHAR), CAST(sum(s.y * s.y) AS VARCHAR)
FROM  (SELECT d.arm, d.day,
              CASE WHEN d.y > 0 THEN 1 ELSE 0 END AS y
       FROM  (SELECT e.unit_key, e.arm, e.closed,
                     CASE WHEN e.age < 86400000000 THEN 0 WHEN e.age < 172800000000 THEN 1 WHEN e.age < 259200000000 THEN 2 END AS day,
                     count(*) FILTER (WHERE e.code = 0) AS y
              FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, epoch_us(e.occurred_at) - u.first_us AS age
  FROM   units AS u
  JOIN   "persons" AS p ON p.referrer_key = u.unit_key
  JOIN   "event_facts" AS e ON e.person_key = p.person_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP)
    AND  (n.code IS NOT NULL)) AS e
              WHERE  e.age >= 0 AND e.age < 259200000000
              GROUP  BY 1, 2, 3, 4) AS d
       WHERE  d.day < d.closed) AS s
GROUP  BY s.arm, s.day
ORDER  BY 1, 2, 3
-- arguments: [1777248000000000 1777334400000000 1777420800000000 none gift ten referrer 2026-04-30 00:00:00.000000 purchase 2026-04-30 00:00:00.000000]
