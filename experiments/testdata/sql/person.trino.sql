-- experiments/readout
-- experiments/readout: exact sums over the randomised units of one experiment.
-- grain   one row per (status, arm, stratum, local day of first exposure, closed windows)
-- reads   the tables of experiments/measured
-- params  those of experiments/measured; caps
-- nulls   a unit without events counts as zeros; a value without a currency rate is not added, but counted
-- money   minor units of the project's currency
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
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 END AS arm,
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
names AS (
  SELECT event_key, CASE event WHEN ? THEN 0 WHEN ? THEN 1 END AS code
  FROM   "event_names"
),
outcomes AS (
  SELECT e.unit_key,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 2592000000000) AS t0,
         count(*) FILTER (WHERE e.code = 1 AND e.age >= 0 AND e.age <= 2592000000000) AS t1,
         count(*) FILTER (WHERE e.age < 0 AND (e.code = 0 OR e.code = 1)) AS t2,
         sum(e.value_minor) FILTER (WHERE e.age >= 0 AND e.age <= 2592000000000) AS t3
  FROM  (SELECT u.unit_key, u.arm, u.closed, n.code, e.value_minor, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age
  FROM   units AS u
  JOIN   "event_facts" AS e ON e.person_key = u.unit_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))
    AND  (e.value_minor IS NOT NULL OR n.code IS NOT NULL)) AS e
  WHERE  e.age <= 2592000000000
  GROUP  BY e.unit_key
),
measured AS (
  SELECT u.status, u.arm, u.stratum, u.day_us, u.closed, u.first_us, u.sightings, u.unknown, u.known,
         COALESCE(o.t2, 0) AS t2,
         CASE WHEN o.t3 IS NULL THEN 0 ELSE 1 END AS with_money,
         CASE WHEN o.t0 > 0 THEN 1 ELSE 0 END AS x0,
         CASE WHEN o.t1 > 0 THEN 1 ELSE 0 END AS x1,
         CAST(COALESCE(o.t3, 0) AS DECIMAL(19,0)) AS x2,
         CASE WHEN u.acquired_us >= u.first_us AND u.acquired_us < ? AND u.acquired_us - u.first_us <= 2592000000000 THEN 1 ELSE 0 END AS x3
  FROM   units AS u
  LEFT   JOIN outcomes AS o ON o.unit_key = u.unit_key
)
SELECT status, arm, stratum, day_us, closed, count(*) AS units, CAST(sum(sightings) AS BIGINT) AS sightings,
       CAST(sum(unknown) AS BIGINT) AS unknown, CAST(sum(known) AS BIGINT) AS known, min(first_us) AS from_us, max(first_us) AS to_us,
       CAST(sum(with_money) AS BIGINT) AS with_money,
       CAST(sum(t2) AS BIGINT) AS t2,
       CAST(sum(x0) AS VARCHAR) AS sum_x0,
       CAST(sum(x1) AS VARCHAR) AS sum_x1,
       CAST(sum(x2) AS VARCHAR) AS sum_x2,
       CAST(sum(x3) AS VARCHAR) AS sum_x3,
       CAST(sum(x2 * x2) AS VARCHAR) AS sum_x2_x2,
       CAST(sum(x2 * x3) AS VARCHAR) AS sum_x2_x3
FROM   measured
GROUP  BY status, arm, stratum, day_us, closed
ORDER  BY status, arm, stratum, day_us, closed
-- arguments: [1774915200000000 none ten reward 2026-04-30 00:00:00.000000 purchase refund 2026-04-30 00:00:00.000000 1777507200000000]
