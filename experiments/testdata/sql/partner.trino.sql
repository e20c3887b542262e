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
       FROM  (SELECT k.partner_key AS unit_key, CASE WHEN k.partner_key IS NULL THEN x.unit_id END AS stranger,
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS arm,
                     CAST(to_unixtime(x.exposed_at) * 1e6 AS BIGINT) AS at_us,
                     CAST(NULL AS BIGINT) AS acquired_us,
                     CASE WHEN k.partner_key IS NULL THEN 0 ELSE 1 END AS known,
                     0 AS test
              FROM   "exposures" AS x
              LEFT   JOIN "partner_keys" AS k ON k.partner_id = x.unit_id
              WHERE  x.experiment = ? AND x.exposed_at < CAST(? AS TIMESTAMP(6))) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
),
names AS (
  SELECT event_key, CASE event WHEN ? THEN 0 WHEN ? THEN 1 END AS code
  FROM   "event_names"
),
customers AS (
  SELECT u.unit_key, count(*) AS customers
  FROM   units AS u
  JOIN  (SELECT DISTINCT e.partner_key AS unit_key, e.person_key, CAST(to_unixtime(p.acquired_at) * 1e6 AS BIGINT) AS acquired_us
         FROM   "event_facts" AS e
         JOIN   "event_names" AS n ON n.event_key = e.event_key AND n.event = ?
         JOIN   "persons" AS p ON p.person_key = e.person_key AND p.acquired_at = e.occurred_at) AS a ON a.unit_key = u.unit_key
  WHERE  u.status = 'analysed' AND a.acquired_us >= u.first_us AND a.acquired_us < ? AND a.acquired_us - u.first_us <= 1728000000000
  GROUP  BY u.unit_key
),
commissions AS (
  SELECT c.unit_key, sum(CAST(c.value_minor AS DECIMAL(38,0))) AS commission
  FROM  (SELECT u.unit_key, x.value_minor, date_diff('day', DATE '1970-01-01', x.day) * 86400000000 - u.day_us AS age
         FROM   units AS u
         JOIN   "partner_keys" AS k ON k.partner_key = u.unit_key
         JOIN   "costs" AS x ON x.partner_id = k.partner_id
         WHERE  u.status = 'analysed' AND x.kind = 'commission' AND x.day < CAST(? AS DATE)) AS c
  WHERE  c.age >= 0 AND c.age <= 1728000000000
  GROUP  BY c.unit_key
),
outcomes AS (
  SELECT e.unit_key,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t0,
         count(*) FILTER (WHERE e.hit_1 = 1 AND e.age >= 0 AND e.age <= 1728000000000) AS t1,
         sum(e.value_minor) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t2,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000 AND e.value_minor IS NULL) AS t3,
         count(*) FILTER (WHERE e.code = 1 AND e.age >= 0 AND e.age <= 1728000000000) AS t4,
         count(*) FILTER (WHERE e.age < 0 AND (e.code = 0 OR e.hit_1 = 1 OR e.code = 1)) AS t5,
         sum(e.value_minor) FILTER (WHERE e.age >= 0 AND e.age <= 1728000000000) AS t6
  FROM  (SELECT u.unit_key, u.arm, u.closed, n.code, e.value_minor, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age,
         CASE WHEN n.code = 0 AND json_extract_scalar(e.properties, '$["' || ? || '"]') = ? AND e."status" = ? THEN 1 ELSE 0 END AS hit_1
  FROM   units AS u
  JOIN   "event_facts" AS e ON e.partner_key = u.unit_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))
    AND  (e.value_minor IS NOT NULL OR n.code IS NOT NULL)) AS e
  WHERE  e.age <= 1728000000000
  GROUP  BY e.unit_key
),
measured AS (
  SELECT u.status, u.arm, u.stratum, u.day_us, u.closed, u.first_us, u.sightings, u.unknown, u.known,
         COALESCE(o.t3, 0) AS t3,
         COALESCE(o.t5, 0) AS t5,
         CASE WHEN o.t6 IS NULL THEN 0 ELSE 1 END AS with_money,
         CASE WHEN o.t0 > 0 THEN 1 ELSE 0 END AS x0,
         CASE WHEN o.t1 > 0 THEN 1 ELSE 0 END AS x1,
         CAST(COALESCE(o.t2, 0) AS DECIMAL(19,0)) AS x2,
         COALESCE(o.t4, 0) AS x3,
         CAST(COALESCE(o.t6, 0) AS DECIMAL(19,0)) AS x4,
         COALESCE(a.customers, 0) AS x5,
         CAST(COALESCE(c.commission, 0) AS DECIMAL(19,0)) AS x6
  FROM   units AS u
  LEFT   JOIN outcomes AS o ON o.unit_key = u.unit_key
  LEFT   JOIN customers AS a ON a.unit_key = u.unit_key
  LEFT   JOIN commissions AS c ON c.unit_key = u.unit_key
)
SELECT status, arm, stratum, day_us, closed, count(*) AS units, CAST(sum(sightings) AS BIGINT) AS sightings,
       CAST(sum(unknown) AS BIGINT) AS unknown, CAST(sum(known) AS BIGINT) AS known, min(first_us) AS from_us, max(first_us) AS to_us,
       CAST(sum(with_money) AS BIGINT) AS with_money,
       CAST(sum(t3) AS BIGINT) AS t3,
       CAST(sum(t5) AS BIGINT) AS t5,
       CAST(sum(x0) AS VARCHAR) AS sum_x0,
       CAST(sum(x1) AS VARCHAR) AS sum_x1,
       CAST(sum(x2) AS VARCHAR) AS sum_x2,
       CAST(sum(x2 * x2) AS VARCHAR) AS sum_x2_x2,
       CAST(sum(x3) AS VARCHAR) AS sum_x3,
       CAST(sum(x3 * x3) AS VARCHAR) AS sum_x3_x3,
       CAST(sum(x4) AS VARCHAR) AS sum_x4,
       CAST(sum(x5) AS VARCHAR) AS sum_x5,
       CAST(sum(x6) AS VARCHAR) AS sum_x6,
       CAST(sum(x4 * x4) AS VARCHAR) AS sum_x4_x4,
       CAST(sum(x4 * x5) AS VARCHAR) AS sum_x4_x5,
       CAST(sum(x4 * x6) AS VARCHAR) AS sum_x4_x6,
       CAST(sum(x5 * x5) AS VARCHAR) AS sum_x5_x5,
       CAST(sum(x5 * x6) AS VARCHAR) AS sum_x5_x6,
       CAST(sum(x6 * x6) AS VARCHAR) AS sum_x6_x6
FROM   measured
GROUP  BY status, arm, stratum, day_us, closed
ORDER  BY status, arm, stratum, day_us, closed
-- arguments: [1775779200000000 none gift ten partner 2026-04-30 00:00:00.000000 purchase refund purchase 1777507200000000 2026-04-30 plan pro paid 2026-04-30 00:00:00.000000]
