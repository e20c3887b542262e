-- experiments/interference
-- experiments/interference: persons that the units of more than one arm may have touched.
-- grain   one row
-- reads   the tables of experiments/units, event_facts
-- params  those of experiments/units, window (elapsed, inclusive)
-- nulls   none: counts
-- money   none
-- A unit touches another person through an event of that person which names it, within the window of its first exposure. own is
-- the arm into which a touched person was randomised as a unit of the same experiment.
WITH units AS (
SELECT g.unit_key, g.stranger, g.sightings, g.unknown, g.arm, g.first_us, g.acquired_us, g.known,
       CASE WHEN g.arm IS NULL THEN 'unknown' WHEN g.arm <> g.other_arm THEN 'mixed' WHEN g.test = 1 THEN 'excluded' ELSE 'analysed' END AS status,
       '' AS stratum,
       CASE WHEN g.first_us <= ? THEN 1 ELSE 0 END AS closed,
       g.first_us - mod(g.first_us, 86400000000) AS day_us
FROM  (SELECT s.unit_key, s.stranger, count(*) AS sightings, count(*) - count(s.arm) AS unknown,
              min(s.arm) AS arm, max(s.arm) AS other_arm, min(CASE WHEN s.arm IS NOT NULL THEN s.at_us END) AS first_us,
              min(s.acquired_us) AS acquired_us, min(s.known) AS known, min(s.test) AS test
       FROM  (SELECT k.person_key AS unit_key, CASE WHEN k.person_key IS NULL THEN COALESCE(i.person_id, x.unit_id) END AS stranger,
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS arm,
                     CAST(to_unixtime(x.exposed_at) * 1e6 AS BIGINT) AS at_us,
                     CAST(to_unixtime(k.acquired_at) * 1e6 AS BIGINT) AS acquired_us,
                     CASE WHEN k.person_key IS NULL THEN 0 ELSE 1 END AS known,
                     CASE WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 1 ELSE 0 END AS test
              FROM   "exposures" AS x
              LEFT   JOIN "identities" AS i ON i.alias = x.unit_id
              LEFT   JOIN "persons" AS k ON k.person_id = COALESCE(i.person_id, x.unit_id)
              WHERE  x.experiment = ? AND x.exposed_at < CAST(? AS TIMESTAMP(6))) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
),
touched AS (
  SELECT t.person_key, min(t.arm) AS arm, max(t.arm) AS other_arm
  FROM  (SELECT e.person_key, u.arm, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age
         FROM   units AS u
         JOIN   "event_facts" AS e ON e.referrer_key = u.unit_key AND e.person_key <> u.unit_key
         WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))) AS t
  WHERE  t.age >= 0 AND t.age <= 259200000000
  GROUP  BY t.person_key
)
SELECT count(*) AS referees,
       count(*) FILTER (WHERE t.arm <> t.other_arm) AS two_arms,
       count(own.arm) AS randomised,
       count(*) FILTER (WHERE own.arm <> t.arm OR own.arm <> t.other_arm) AS cross_arm,
       count(*) FILTER (WHERE t.arm <> t.other_arm OR own.arm <> t.arm) AS affected
FROM   touched AS t
LEFT   JOIN units AS own ON own.unit_key = t.person_key AND own.status = 'analysed'
-- arguments: [1777248000000000 none gift ten referrer 2026-04-30 00:00:00.000000 2026-04-30 00:00:00.000000]
