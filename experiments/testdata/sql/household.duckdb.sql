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
       COALESCE(substr(g.stratum, 20), '') AS stratum,
       CASE WHEN g.first_us <= ? THEN 5 WHEN g.first_us <= ? THEN 4 WHEN g.first_us <= ? THEN 3 WHEN g.first_us <= ? THEN 2 WHEN g.first_us <= ? THEN 1 ELSE 0 END AS closed,
       g.first_us - mod(g.first_us, 86400000000) AS day_us
FROM  (SELECT s.unit_key, s.stranger, count(*) AS sightings, count(*) - count(s.arm) AS unknown,
              min(s.arm) AS arm, max(s.arm) AS other_arm, min(CASE WHEN s.arm IS NOT NULL THEN s.at_us END) AS first_us,
              min(s.acquired_us) AS acquired_us, min(s.known) AS known, min(s.test) AS test, min(CASE WHEN s.arm IS NOT NULL THEN lpad(CAST(s.at_us AS VARCHAR), 19, '0') || COALESCE(s.stratum, '') END) AS stratum
       FROM  (SELECT x.unit_id AS unit_key, CAST(NULL AS VARCHAR) AS stranger,
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS arm,
                     epoch_us(x.exposed_at) AS at_us,
                     CAST(NULL AS BIGINT) AS acquired_us,
                     CASE WHEN k.unit_key IS NULL THEN 0 ELSE 1 END AS known,
                     COALESCE(k.test, 0) AS test,
                     x.stratum
              FROM   "exposures" AS x
              LEFT   JOIN (SELECT h.unit_key, min(h.test) AS test
                           FROM  (SELECT json_extract_string(k.attributes, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS unit_key, CASE WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 1 ELSE 0 END AS test FROM "persons" AS k) AS h
                           WHERE  h.unit_key IS NOT NULL
                           GROUP  BY h.unit_key) AS k ON k.unit_key = x.unit_id
              WHERE  x.experiment = ? AND x.exposed_at < CAST(? AS TIMESTAMP)) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
),
names AS (
  SELECT event_key, CASE event WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS code
  FROM   "event_names"
),
members AS (
  SELECT p.unit_key, p.person_key, p.acquired_us
  FROM  (SELECT json_extract_string(h.attributes, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS unit_key, h.person_key, epoch_us(h.acquired_at) AS acquired_us FROM "persons" AS h) AS p
  WHERE  p.unit_key IS NOT NULL
),
customers AS (
  SELECT u.unit_key, count(*) AS customers
  FROM   units AS u
  JOIN   members AS a ON a.unit_key = u.unit_key
  WHERE  u.status = 'analysed' AND a.acquired_us >= u.first_us AND a.acquired_us < ? AND a.acquired_us - u.first_us <= 1728000000000
  GROUP  BY u.unit_key
),
outcomes AS (
  SELECT e.unit_key,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t0,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= -1209600000000 AND e.age < 0) AS t1,
         count(*) FILTER (WHERE e.hit_1 = 1 AND e.age >= 0 AND e.age <= 259200000000) AS t2,
         count(*) FILTER (WHERE e.hit_1 = 1 AND e.age >= -1209600000000 AND e.age < 0) AS t3,
         sum(e.value_minor) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t4,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000 AND e.value_minor IS NULL) AS t5,
         sum(e.value_minor) FILTER (WHERE e.code = 0 AND e.age >= -1209600000000 AND e.age < 0) AS t6,
         sum(e.value_minor) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 604800000000) AS t7,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 604800000000 AND e.value_minor IS NULL) AS t8,
         count(*) FILTER (WHERE e.code = 1 AND e.age >= 0 AND e.age <= 1728000000000) AS t9,
         count(*) FILTER (WHERE e.code = 1 AND e.age >= -1209600000000 AND e.age < 0) AS t10,
         sum(e.value_minor) FILTER (WHERE e.hit_3 = 1 AND e.age >= 0 AND e.age <= 604800000000) AS t11,
         count(*) FILTER (WHERE e.hit_3 = 1 AND e.age >= 0 AND e.age <= 604800000000 AND e.value_minor IS NULL) AS t12,
         sum(e.value_minor) FILTER (WHERE e.hit_4 = 1 AND e.age >= 0 AND e.age <= 604800000000) AS t13,
         count(*) FILTER (WHERE e.hit_4 = 1 AND e.age >= 0 AND e.age <= 604800000000 AND e.value_minor IS NULL) AS t14,
         sum(e.value_minor) FILTER (WHERE e.hit_3 = 1 AND e.age >= -1209600000000 AND e.age < 0) AS t15,
         sum(e.value_minor) FILTER (WHERE e.hit_4 = 1 AND e.age >= -1209600000000 AND e.age < 0) AS t16,
         count(*) FILTER (WHERE e.code = 2 AND e.age >= 0 AND e.age <= 864000000000) AS t17,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 432000000000) AS t18,
         count(*) FILTER (WHERE e.age < 0 AND e.since >= 0 AND (e.code = 0 OR e.hit_1 = 1 OR e.code = 1 OR e.hit_3 = 1 OR e.hit_4 = 1 OR e.code = 2)) AS t19,
         sum(e.value_minor) FILTER (WHERE e.age >= 0 AND e.age <= 1728000000000) AS t20
  FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, epoch_us(e.occurred_at) - u.first_us AS age, epoch_us(e.occurred_at) - b.us AS since,
         CASE WHEN n.code = 0 AND json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) = ? AND e."status" = ? THEN 1 ELSE 0 END AS hit_1,
         CASE WHEN n.code = 0 AND e."status" = ? THEN 1 ELSE 0 END AS hit_3,
         CASE WHEN n.code = 0 AND e."status" = ? THEN 1 ELSE 0 END AS hit_4
  FROM   units AS u
  CROSS  JOIN (SELECT min(first_us) AS us FROM units WHERE status = 'analysed') AS b
  JOIN   members AS m ON m.unit_key = u.unit_key
  JOIN   "event_facts" AS e ON e.person_key = m.person_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP)
    AND  (e.value_minor IS NOT NULL OR n.code IS NOT NULL)) AS e
  WHERE  (e.since >= 0 OR e.age >= -1209600000000) AND e.age <= 1728000000000
  GROUP  BY e.unit_key
),
measured AS (
  SELECT u.status, u.arm, u.stratum, u.day_us, u.closed, u.first_us, u.sightings, u.unknown, u.known,
         COALESCE(o.t5, 0) AS t5,
         COALESCE(o.t8, 0) AS t8,
         COALESCE(o.t12, 0) AS t12,
         COALESCE(o.t14, 0) AS t14,
         COALESCE(o.t19, 0) AS t19,
         CASE WHEN o.t20 IS NULL THEN 0 ELSE 1 END AS with_money,
         CASE WHEN o.t0 > 0 THEN 1 ELSE 0 END AS x0,
         CASE WHEN o.t1 > 0 THEN 1 ELSE 0 END AS x1,
         CASE WHEN o.t2 > 0 THEN 1 ELSE 0 END AS x2,
         CASE WHEN o.t3 > 0 THEN 1 ELSE 0 END AS x3,
         CAST(COALESCE(o.t4, 0) AS HUGEINT) AS x4,
         CAST(COALESCE(o.t6, 0) AS HUGEINT) AS x5,
         CAST(COALESCE(o.t7, 0) AS HUGEINT) AS x6,
         COALESCE(o.t0, 0) AS x7,
         COALESCE(o.t1, 0) AS x8,
         COALESCE(o.t9, 0) AS x9,
         COALESCE(o.t10, 0) AS x10,
         CAST(COALESCE(o.t11, 0) AS HUGEINT) AS x11,
         CAST(COALESCE(o.t13, 0) AS HUGEINT) AS x12,
         CAST(COALESCE(o.t15, 0) AS HUGEINT) AS x13,
         CAST(COALESCE(o.t16, 0) AS HUGEINT) AS x14,
         CASE WHEN o.t17 > 0 THEN 1 ELSE 0 END AS x15,
         COALESCE(o.t18, 0) AS x16,
         CAST(COALESCE(o.t20, 0) AS HUGEINT) AS x17,
         COALESCE(a.customers, 0) AS x18
  FROM   units AS u
  LEFT   JOIN outcomes AS o ON o.unit_key = u.unit_key
  LEFT   JOIN customers AS a ON a.unit_key = u.unit_key
),
cap1 AS (
  SELECT min(d.value) AS cap
  FROM  (SELECT s.value, CAST(sum(s.units) OVER (ORDER BY s.value) AS HUGEINT) AS below, CAST(sum(s.units) OVER () AS HUGEINT) AS total
         FROM  (SELECT x6 AS value, count(*) AS units FROM measured WHERE status = 'analysed' AND closed >= 3 GROUP BY x6) AS s) AS d
  WHERE  d.below * CAST(? AS HUGEINT) >= d.total * CAST(? AS HUGEINT)
),
cap2 AS (
  SELECT min(d.value) AS cap
  FROM  (SELECT s.value, CAST(sum(s.units) OVER (ORDER BY s.value) AS HUGEINT) AS below, CAST(sum(s.units) OVER () AS HUGEINT) AS total
         FROM  (SELECT x7 AS value, count(*) AS units FROM measured WHERE status = 'analysed' AND closed >= 5 GROUP BY x7) AS s) AS d
  WHERE  d.below * CAST(? AS HUGEINT) >= d.total * CAST(? AS HUGEINT)
),
limited AS (
  SELECT m.status, m.arm, m.stratum, m.day_us, m.closed, m.first_us, m.sightings, m.unknown, m.known, m.with_money, m.t5, m.t8, m.t12, m.t14, m.t19, m.x0, m.x1, m.x2, m.x3, m.x4, m.x5, m.x6, m.x7, m.x8, m.x9, m.x10, m.x11, m.x12, m.x13, m.x14, m.x15, m.x16, m.x17, m.x18,
         CAST(? AS HUGEINT) AS cap0_at,
         CASE WHEN m.x4 > CAST(? AS HUGEINT) THEN CAST(? AS HUGEINT) ELSE m.x4 END AS cap0_0,
         CASE WHEN m.x5 > CAST(? AS HUGEINT) THEN CAST(? AS HUGEINT) ELSE m.x5 END AS cap0_1,
         cap1.cap AS cap1_at,
         CASE WHEN m.x6 > cap1.cap THEN cap1.cap ELSE m.x6 END AS cap1_0,
         CASE WHEN m.x5 > cap1.cap THEN cap1.cap ELSE m.x5 END AS cap1_1,
         cap2.cap AS cap2_at,
         CASE WHEN m.x7 > cap2.cap THEN cap2.cap ELSE m.x7 END AS cap2_0,
         CASE WHEN m.x8 > cap2.cap THEN cap2.cap ELSE m.x8 END AS cap2_1
  FROM   measured AS m
  CROSS  JOIN cap1
  CROSS  JOIN cap2
)
SELECT status, arm, stratum, day_us, closed, count(*) AS units, CAST(sum(sightings) AS BIGINT) AS sightings,
       CAST(sum(unknown) AS BIGINT) AS unknown, CAST(sum(known) AS BIGINT) AS known, min(first_us) AS from_us, max(first_us) AS to_us,
       CAST(sum(with_money) AS BIGINT) AS with_money,
       CAST(sum(t5) AS BIGINT) AS t5,
       CAST(sum(t8) AS BIGINT) AS t8,
       CAST(sum(t12) AS BIGINT) AS t12,
       CAST(sum(t14) AS BIGINT) AS t14,
       CAST(sum(t19) AS BIGINT) AS t19,
       CAST(max(cap0_at) AS VARCHAR) AS cap0_at, count(*) FILTER (WHERE x4 > cap0_at) AS cap0_units,
       CAST(max(cap1_at) AS VARCHAR) AS cap1_at, count(*) FILTER (WHERE x6 > cap1_at) AS cap1_units,
       CAST(max(cap2_at) AS VARCHAR) AS cap2_at, count(*) FILTER (WHERE x7 > cap2_at) AS cap2_units,
       CAST(max(x4) AS VARCHAR) AS most_x4,
       CAST(max(cap0_0) AS VARCHAR) AS most_cap0_0,
       CAST(max(cap1_0) AS VARCHAR) AS most_cap1_0,
       CAST(max(cap2_0) AS VARCHAR) AS most_cap2_0,
       CAST(max(x9) AS VARCHAR) AS most_x9,
       CAST(max(x7) AS VARCHAR) AS most_x7,
       CAST(max(x12) AS VARCHAR) AS most_x12,
       CAST(sum(x0) AS VARCHAR) AS sum_x0,
       CAST(sum(x1) AS VARCHAR) AS sum_x1,
       CAST(sum(x0 * x1) AS VARCHAR) AS sum_x0_x1,
       CAST(sum(x2) AS VARCHAR) AS sum_x2,
       CAST(sum(x3) AS VARCHAR) AS sum_x3,
       CAST(sum(x2 * x3) AS VARCHAR) AS sum_x2_x3,
       CAST(sum(x4) AS VARCHAR) AS sum_x4,
       CAST(sum(x5) AS VARCHAR) AS sum_x5,
       CAST(sum(x4 * x4) AS VARCHAR) AS sum_x4_x4,
       CAST(sum(x4 * x5) AS VARCHAR) AS sum_x4_x5,
       CAST(sum(x5 * x5) AS VARCHAR) AS sum_x5_x5,
       CAST(sum(cap0_0) AS VARCHAR) AS sum_cap0_0,
       CAST(sum(cap0_1) AS VARCHAR) AS sum_cap0_1,
       CAST(sum(cap0_0 * cap0_0) AS VARCHAR) AS sum_cap0_0_cap0_0,
       CAST(sum(cap0_0 * cap0_1) AS VARCHAR) AS sum_cap0_0_cap0_1,
       CAST(sum(cap0_1 * cap0_1) AS VARCHAR) AS sum_cap0_1_cap0_1,
       CAST(sum(cap1_0) AS VARCHAR) AS sum_cap1_0,
       CAST(sum(cap1_1) AS VARCHAR) AS sum_cap1_1,
       CAST(sum(cap1_0 * cap1_0) AS VARCHAR) AS sum_cap1_0_cap1_0,
       CAST(sum(cap1_0 * cap1_1) AS VARCHAR) AS sum_cap1_0_cap1_1,
       CAST(sum(cap1_1 * cap1_1) AS VARCHAR) AS sum_cap1_1_cap1_1,
       CAST(sum(x6) AS VARCHAR) AS sum_x6,
       CAST(sum(x6 * x6) AS VARCHAR) AS sum_x6_x6,
       CAST(sum(x6 * x5) AS VARCHAR) AS sum_x5_x6,
       CAST(sum(cap2_0) AS VARCHAR) AS sum_cap2_0,
       CAST(sum(cap2_1) AS VARCHAR) AS sum_cap2_1,
       CAST(sum(cap2_0 * cap2_0) AS VARCHAR) AS sum_cap2_0_cap2_0,
       CAST(sum(cap2_0 * cap2_1) AS VARCHAR) AS sum_cap2_0_cap2_1,
       CAST(sum(cap2_1 * cap2_1) AS VARCHAR) AS sum_cap2_1_cap2_1,
       CAST(sum(x7) AS VARCHAR) AS sum_x7,
       CAST(sum(x8) AS VARCHAR) AS sum_x8,
       CAST(sum(x7 * x7) AS VARCHAR) AS sum_x7_x7,
       CAST(sum(x7 * x8) AS VARCHAR) AS sum_x7_x8,
       CAST(sum(x8 * x8) AS VARCHAR) AS sum_x8_x8,
       CAST(sum(x9) AS VARCHAR) AS sum_x9,
       CAST(sum(x10) AS VARCHAR) AS sum_x10,
       CAST(sum(x9 * x9) AS VARCHAR) AS sum_x9_x9,
       CAST(sum(x9 * x10) AS VARCHAR) AS sum_x10_x9,
       CAST(sum(x10 * x10) AS VARCHAR) AS sum_x10_x10,
       CAST(sum(x4 * x7) AS VARCHAR) AS sum_x4_x7,
       CAST(sum(x4 * x8) AS VARCHAR) AS sum_x4_x8,
       CAST(sum(x7 * x5) AS VARCHAR) AS sum_x5_x7,
       CAST(sum(x5 * x8) AS VARCHAR) AS sum_x5_x8,
       CAST(sum(x11) AS VARCHAR) AS sum_x11,
       CAST(sum(x12) AS VARCHAR) AS sum_x12,
       CAST(sum(x13) AS VARCHAR) AS sum_x13,
       CAST(sum(x14) AS VARCHAR) AS sum_x14,
       CAST(sum(x11 * x11) AS VARCHAR) AS sum_x11_x11,
       CAST(sum(x11 * x12) AS VARCHAR) AS sum_x11_x12,
       CAST(sum(x11 * x13) AS VARCHAR) AS sum_x11_x13,
       CAST(sum(x11 * x14) AS VARCHAR) AS sum_x11_x14,
       CAST(sum(x12 * x12) AS VARCHAR) AS sum_x12_x12,
       CAST(sum(x12 * x13) AS VARCHAR) AS sum_x12_x13,
       CAST(sum(x12 * x14) AS VARCHAR) AS sum_x12_x14,
       CAST(sum(x13 * x13) AS VARCHAR) AS sum_x13_x13,
       CAST(sum(x13 * x14) AS VARCHAR) AS sum_x13_x14,
       CAST(sum(x14 * x14) AS VARCHAR) AS sum_x14_x14,
       CAST(sum(x9 * x7) AS VARCHAR) AS sum_x7_x9,
       CAST(sum(x9 * x8) AS VARCHAR) AS sum_x8_x9,
       CAST(sum(x7 * x10) AS VARCHAR) AS sum_x10_x7,
       CAST(sum(x10 * x8) AS VARCHAR) AS sum_x10_x8,
       CAST(sum(x15) AS VARCHAR) AS sum_x15,
       CAST(sum(x16) AS VARCHAR) AS sum_x16,
       CAST(sum(x16 * x16) AS VARCHAR) AS sum_x16_x16,
       CAST(sum(x17) AS VARCHAR) AS sum_x17,
       CAST(sum(x18) AS VARCHAR) AS sum_x18,
       CAST(sum(x17 * x17) AS VARCHAR) AS sum_x17_x17,
       CAST(sum(x17 * x18) AS VARCHAR) AS sum_x17_x18,
       CAST(sum(x18 * x18) AS VARCHAR) AS sum_x18_x18
FROM   limited
GROUP  BY status, arm, stratum, day_us, closed
ORDER  BY status, arm, stratum, day_us, closed
-- arguments: [1775779200000000 1776643200000000 1776902400000000 1777075200000000 1777248000000000 none gift ten household attribute.household 2026-04-30 00:00:00.000000 purchase refund used household 1777507200000000 plan pro paid paid open 2026-04-30 00:00:00.000000 5 4 20 11 60000 60000 60000 60000 60000]

-- experiments/spread
-- experiments/spread: what sums do not tell: units by time until their event, by value, and by the two sums of a ratio.
-- grain   one row per (metric, arm, value, second value)
-- reads   the tables of experiments/measured
-- params  those of experiments/measured
-- nulls   none
-- money   values in minor units of the project's currency where the metric adds up money
-- times   value: whole seconds, in microseconds, from first exposure to the first event or, censored, until last seen
-- values  of units with at least one event and a closed window
-- ratios  value and second value: numerator and denominator of units with a closed window
WITH units AS (
SELECT g.unit_key, g.stranger, g.sightings, g.unknown, g.arm, g.first_us, g.acquired_us, g.known,
       CASE WHEN g.arm IS NULL THEN 'unknown' WHEN g.arm <> g.other_arm THEN 'mixed' WHEN g.test = 1 THEN 'excluded' ELSE 'analysed' END AS status,
       COALESCE(substr(g.stratum, 20), '') AS stratum,
       CASE WHEN g.first_us <= ? THEN 5 WHEN g.first_us <= ? THEN 4 WHEN g.first_us <= ? THEN 3 WHEN g.first_us <= ? THEN 2 WHEN g.first_us <= ? THEN 1 ELSE 0 END AS closed,
       g.first_us - mod(g.first_us, 86400000000) AS day_us
FROM  (SELECT s.unit_key, s.stranger, count(*) AS sightings, count(*) - count(s.arm) AS unknown,
              min(s.arm) AS arm, max(s.arm) AS other_arm, min(CASE WHEN s.arm IS NOT NULL THEN s.at_us END) AS first_us,
              min(s.acquired_us) AS acquired_us, min(s.known) AS known, min(s.test) AS test, min(CASE WHEN s.arm IS NOT NULL THEN lpad(CAST(s.at_us AS VARCHAR), 19, '0') || COALESCE(s.stratum, '') END) AS stratum
       FROM  (SELECT x.unit_id AS unit_key, CAST(NULL AS VARCHAR) AS stranger,
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS arm,
                     epoch_us(x.exposed_at) AS at_us,
                     CAST(NULL AS BIGINT) AS acquired_us,
                     CASE WHEN k.unit_key IS NULL THEN 0 ELSE 1 END AS known,
                     COALESCE(k.test, 0) AS test,
                     x.stratum
              FROM   "exposures" AS x
              LEFT   JOIN (SELECT h.unit_key, min(h.test) AS test
                           FROM  (SELECT json_extract_string(k.attributes, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS unit_key, CASE WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 1 ELSE 0 END AS test FROM "persons" AS k) AS h
                           WHERE  h.unit_key IS NOT NULL
                           GROUP  BY h.unit_key) AS k ON k.unit_key = x.unit_id
              WHERE  x.experiment = ? AND x.exposed_at < CAST(? AS TIMESTAMP)) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
),
names AS (
  SELECT event_key, CASE event WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS code
  FROM   "event_names"
),
members AS (
  SELECT p.unit_key, p.person_key, p.acquired_us
  FROM  (SELECT json_extract_string(h.attributes, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS unit_key, h.person_key, epoch_us(h.acquired_at) AS acquired_us FROM "persons" AS h) AS p
  WHERE  p.unit_key IS NOT NULL
),
outcomes AS (
  SELECT e.unit_key,
         min(e.age) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t0,
         min(e.age) FILTER (WHERE e.hit_1 = 1 AND e.age >= 0 AND e.age <= 259200000000) AS t1,
         sum(e.value_minor) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t2,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t3,
         sum(e.value_minor) FILTER (WHERE e.hit_2 = 1 AND e.age >= 0 AND e.age <= 604800000000) AS t4,
         sum(e.value_minor) FILTER (WHERE e.hit_3 = 1 AND e.age >= 0 AND e.age <= 604800000000) AS t5,
         count(*) FILTER (WHERE e.code = 1 AND e.age >= 0 AND e.age <= 1728000000000) AS t6,
         min(e.age) FILTER (WHERE e.code = 2 AND e.age >= 0 AND e.age <= 864000000000) AS t7,
         count(e.value_minor) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t8,
         count(*) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 432000000000) AS t9
  FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, epoch_us(e.occurred_at) - u.first_us AS age,
         CASE WHEN n.code = 0 AND json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) = ? AND e."status" = ? THEN 1 ELSE 0 END AS hit_1,
         CASE WHEN n.code = 0 AND e."status" = ? THEN 1 ELSE 0 END AS hit_2,
         CASE WHEN n.code = 0 AND e."status" = ? THEN 1 ELSE 0 END AS hit_3
  FROM   units AS u
  JOIN   members AS m ON m.unit_key = u.unit_key
  JOIN   "event_facts" AS e ON e.person_key = m.person_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP)
    AND  (n.code IS NOT NULL)) AS e
  WHERE  e.age <= 1728000000000
  GROUP  BY e.unit_key
),
measured AS (
  SELECT u.status, u.arm, u.stratum, u.day_us, u.closed, u.first_us, u.sightings, u.unknown, u.known,
         o.t0 AS t0,
         o.t1 AS t1,
         o.t7 AS t7,
         COALESCE(o.t8, 0) AS t8,
         COALESCE(o.t9, 0) AS t9,
         CAST(COALESCE(o.t2, 0) AS HUGEINT) AS x0,
         COALESCE(o.t3, 0) AS x1,
         CAST(COALESCE(o.t4, 0) AS HUGEINT) AS x2,
         CAST(COALESCE(o.t5, 0) AS HUGEINT) AS x3,
         COALESCE(o.t6, 0) AS x4,
         COALESCE(o.t9, 0) AS x5
  FROM   units AS u
  LEFT   JOIN outcomes AS o ON o.unit_key = u.unit_key
)
SELECT 0 AS metric, t.arm, t.us - mod(t.us, 1000000) AS value, 0 AS second_value, CAST(sum(t.event) AS BIGINT) AS units, CAST(sum(1 - t.event) AS BIGINT) AS others
FROM  (SELECT arm, CASE WHEN t0 IS NOT NULL THEN 1 ELSE 0 END AS event,
              CASE WHEN t0 IS NOT NULL THEN t0 WHEN closed >= 5 THEN 1728000000000 ELSE CAST(? AS BIGINT) - first_us END AS us
       FROM   measured
       WHERE  status = 'analysed') AS t
GROUP  BY t.arm, t.us - mod(t.us, 1000000)
UNION ALL
SELECT 1 AS metric, t.arm, t.us - mod(t.us, 1000000) AS value, 0 AS second_value, CAST(sum(t.event) AS BIGINT) AS units, CAST(sum(1 - t.event) AS BIGINT) AS others
FROM  (SELECT arm, CASE WHEN t1 IS NOT NULL THEN 1 ELSE 0 END AS event,
              CASE WHEN t1 IS NOT NULL THEN t1 WHEN closed >= 1 THEN 259200000000 ELSE CAST(? AS BIGINT) - first_us END AS us
       FROM   measured
       WHERE  status = 'analysed') AS t
GROUP  BY t.arm, t.us - mod(t.us, 1000000)
UNION ALL
SELECT 7 AS metric, arm, CAST(x0 AS BIGINT) AS value, CAST(x1 AS BIGINT) AS second_value, count(*) AS units, 0 AS others
FROM   measured
WHERE  status = 'analysed' AND closed >= 5
GROUP  BY arm, x0, x1
UNION ALL
SELECT 8 AS metric, arm, CAST(x2 AS BIGINT) AS value, CAST(x3 AS BIGINT) AS second_value, count(*) AS units, 0 AS others
FROM   measured
WHERE  status = 'analysed' AND closed >= 3
GROUP  BY arm, x2, x3
UNION ALL
SELECT 9 AS metric, arm, CAST(x4 AS BIGINT) AS value, CAST(x1 AS BIGINT) AS second_value, count(*) AS units, 0 AS others
FROM   measured
WHERE  status = 'analysed' AND closed >= 5
GROUP  BY arm, x4, x1
UNION ALL
SELECT 10 AS metric, t.arm, t.us - mod(t.us, 1000000) AS value, 0 AS second_value, CAST(sum(t.event) AS BIGINT) AS units, CAST(sum(1 - t.event) AS BIGINT) AS others
FROM  (SELECT arm, CASE WHEN t7 IS NOT NULL THEN 1 ELSE 0 END AS event,
              CASE WHEN t7 IS NOT NULL THEN t7 WHEN closed >= 4 THEN 864000000000 ELSE CAST(? AS BIGINT) - first_us END AS us
       FROM   measured
       WHERE  status = 'analysed') AS t
GROUP  BY t.arm, t.us - mod(t.us, 1000000)
UNION ALL
SELECT 11 AS metric, arm, CAST(x0 AS BIGINT) AS value, 0 AS second_value, count(*) AS units, 0 AS others
FROM   measured
WHERE  status = 'analysed' AND closed >= 5 AND t8 > 0
GROUP  BY arm, x0
UNION ALL
SELECT 12 AS metric, arm, CAST(x5 AS BIGINT) AS value, 0 AS second_value, count(*) AS units, 0 AS others
FROM   measured
WHERE  status = 'analysed' AND closed >= 2 AND t9 > 0
GROUP  BY arm, x5
ORDER  BY 1, 2, 3, 4
-- arguments: [1775779200000000 1776643200000000 1776902400000000 1777075200000000 1777248000000000 none gift ten household attribute.household 2026-04-30 00:00:00.000000 purchase refund used household plan pro paid paid open 2026-04-30 00:00:00.000000 1777507200000000 1777507200000000 1777507200000000]

-- experiments/untimed
-- experiments/untimed: exposures without a time.
-- grain   one row                         reads  exposures, quarantine, load_manifest
-- params  experiment
-- nulls   none                            money  none
-- A row whose time is missing or unreadable is refused at loading and kept in quarantine, with that text but without its
-- experiment: such rows are counted for every experiment.
SELECT (SELECT count(*) FROM "exposures" WHERE experiment = ? AND exposed_at IS NULL) +
       (SELECT count(*) FROM "quarantine" AS q
        WHERE  q.column_name = 'exposed_at' AND q.source IN (SELECT source FROM "load_manifest" WHERE kind = 'exposures')) AS untimed
-- arguments: [attribute.household]

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
       COALESCE(substr(g.stratum, 20), '') AS stratum,
       CASE WHEN g.first_us <= ? THEN 20 WHEN g.first_us <= ? THEN 19 WHEN g.first_us <= ? THEN 18 WHEN g.first_us <= ? THEN 17 WHEN g.first_us <= ? THEN 16 WHEN g.first_us <= ? THEN 15 WHEN g.first_us <= ? THEN 14 WHEN g.first_us <= ? THEN 13 WHEN g.first_us <= ? THEN 12 WHEN g.first_us <= ? THEN 11 WHEN g.first_us <= ? THEN 10 WHEN g.first_us <= ? THEN 9 WHEN g.first_us <= ? THEN 8 WHEN g.first_us <= ? THEN 7 WHEN g.first_us <= ? THEN 6 WHEN g.first_us <= ? THEN 5 WHEN g.first_us <= ? THEN 4 WHEN g.first_us <= ? THEN 3 WHEN g.first_us <= ? THEN 2 WHEN g.first_us <= ? THEN 1 ELSE 0 END AS closed,
       g.first_us - mod(g.first_us, 86400000000) AS day_us
FROM  (SELECT s.unit_key, s.stranger, count(*) AS sightings, count(*) - count(s.arm) AS unknown,
              min(s.arm) AS arm, max(s.arm) AS other_arm, min(CASE WHEN s.arm IS NOT NULL THEN s.at_us END) AS first_us,
              min(s.acquired_us) AS acquired_us, min(s.known) AS known, min(s.test) AS test, min(CASE WHEN s.arm IS NOT NULL THEN lpad(CAST(s.at_us AS VARCHAR), 19, '0') || COALESCE(s.stratum, '') END) AS stratum
       FROM  (SELECT x.unit_id AS unit_key, CAST(NULL AS VARCHAR) AS stranger,
                     CASE x.variant WHEN ? THEN 0 WHEN ? THEN 1 WHEN ? THEN 2 END AS arm,
                     epoch_us(x.exposed_at) AS at_us,
                     CAST(NULL AS BIGINT) AS acquired_us,
                     CASE WHEN k.unit_key IS NULL THEN 0 ELSE 1 END AS known,
                     COALESCE(k.test, 0) AS test,
                     x.stratum
              FROM   "exposures" AS x
              LEFT   JOIN (SELECT h.unit_key, min(h.test) AS test
                           FROM  (SELECT json_extract_string(k.attributes, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS unit_key, CASE WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 1 ELSE 0 END AS test FROM "persons" AS k) AS h
                           WHERE  h.unit_key IS NOT NULL
                           GROUP  BY h.unit_key) AS k ON k.unit_key = x.unit_id
              WHERE  x.experiment = ? AND x.exposed_at < CAST(? AS TIMESTAMP)) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
),
names AS (
  SELECT event_key, CASE event WHEN ? THEN 0 END AS code
  FROM   "event_names"
),
members AS (
  SELECT p.unit_key, p.person_key, p.acquired_us
  FROM  (SELECT json_extract_string(h.attributes, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS unit_key, h.person_key, epoch_us(h.acquired_at) AS acquired_us FROM "persons" AS h) AS p
  WHERE  p.unit_key IS NOT NULL
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
                     CASE WHEN e.age < 86400000000 THEN 0 WHEN e.age < 172800000000 THEN 1 WHEN e.age < 259200000000 THEN 2 WHEN e.age < 345600000000 THEN 3 WHEN e.age < 432000000000 THEN 4 WHEN e.age < 518400000000 THEN 5 WHEN e.age < 604800000000 THEN 6 WHEN e.age < 691200000000 THEN 7 WHEN e.age < 777600000000 THEN 8 WHEN e.age < 864000000000 THEN 9 WHEN e.age < 950400000000 THEN 10 WHEN e.age < 1036800000000 THEN 11 WHEN e.age < 1123200000000 THEN 12 WHEN e.age < 1209600000000 THEN 13 WHEN e.age < 1296000000000 THEN 14 WHEN e.age < 1382400000000 THEN 15 WHEN e.age < 1468800000000 THEN 16 WHEN e.age < 1555200000000 THEN 17 WHEN e.age < 1641600000000 THEN 18 WHEN e.age < 1728000000000 THEN 19 END AS day,
                     count(*) FILTER (WHERE e.code = 0) AS y
              FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, epoch_us(e.occurred_at) - u.first_us AS age
  FROM   units AS u
  JOIN   members AS m ON m.unit_key = u.unit_key
  JOIN   "event_facts" AS e ON e.person_key = m.person_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP)
    AND  (n.code IS NOT NULL)) AS e
              WHERE  e.age >= 0 AND e.age < 1728000000000
              GROUP  BY 1, 2, 3, 4) AS d
       WHERE  d.day < d.closed) AS s
GROUP  BY s.arm, s.day
ORDER  BY 1, 2, 3
-- arguments: [1775779200000000 1775865600000000 1775952000000000 1776038400000000 1776124800000000 1776211200000000 1776297600000000 1776384000000000 1776470400000000 1776556800000000 1776643200000000 1776729600000000 1776816000000000 1776902400000000 1776988800000000 1777075200000000 1777161600000000 1777248000000000 1777334400000000 1777420800000000 none gift ten household attribute.household 2026-04-30 00:00:00.000000 purchase household 2026-04-30 00:00:00.000000]
