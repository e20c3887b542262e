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
         count(*) FILTER (WHERE e.age < 0 AND e.since >= 0 AND (e.code = 0 OR e.hit_1 = 1 OR e.code = 1)) AS t5,
         sum(e.value_minor) FILTER (WHERE e.age >= 0 AND e.age <= 1728000000000) AS t6
  FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - b.us AS since,
         CASE WHEN n.code = 0 AND json_extract_scalar(e.properties, '$["' || ? || '"]') = ? AND e."status" = ? THEN 1 ELSE 0 END AS hit_1
  FROM   units AS u
  CROSS  JOIN (SELECT min(first_us) AS us FROM units WHERE status = 'analysed') AS b
  JOIN   "event_facts" AS e ON e.partner_key = u.unit_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))
    AND  (e.value_minor IS NOT NULL OR n.code IS NOT NULL)) AS e
  WHERE  (e.since >= 0) AND e.age <= 1728000000000
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
       CAST(max(x2) AS VARCHAR) AS most_x2,
       CAST(max(x3) AS VARCHAR) AS most_x3,
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
  SELECT event_key, CASE event WHEN ? THEN 0 END AS code
  FROM   "event_names"
),
outcomes AS (
  SELECT e.unit_key,
         min(e.age) FILTER (WHERE e.code = 0 AND e.age >= 0 AND e.age <= 1728000000000) AS t0,
         min(e.age) FILTER (WHERE e.hit_1 = 1 AND e.age >= 0 AND e.age <= 1728000000000) AS t1
  FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age,
         CASE WHEN n.code = 0 AND json_extract_scalar(e.properties, '$["' || ? || '"]') = ? AND e."status" = ? THEN 1 ELSE 0 END AS hit_1
  FROM   units AS u
  JOIN   "event_facts" AS e ON e.partner_key = u.unit_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))
    AND  (n.code IS NOT NULL)) AS e
  WHERE  e.age <= 1728000000000
  GROUP  BY e.unit_key
),
measured AS (
  SELECT u.status, u.arm, u.stratum, u.day_us, u.closed, u.first_us, u.sightings, u.unknown, u.known,
         o.t0 AS t0,
         o.t1 AS t1
  FROM   units AS u
  LEFT   JOIN outcomes AS o ON o.unit_key = u.unit_key
)
SELECT 0 AS metric, t.arm, t.us - mod(t.us, 1000000) AS value, 0 AS second_value, CAST(sum(t.event) AS BIGINT) AS units, CAST(sum(1 - t.event) AS BIGINT) AS others
FROM  (SELECT arm, CASE WHEN t0 IS NOT NULL THEN 1 ELSE 0 END AS event,
              CASE WHEN t0 IS NOT NULL THEN t0 WHEN closed >= 1 THEN 1728000000000 ELSE CAST(? AS BIGINT) - first_us END AS us
       FROM   measured
       WHERE  status = 'analysed') AS t
GROUP  BY t.arm, t.us - mod(t.us, 1000000)
UNION ALL
SELECT 1 AS metric, t.arm, t.us - mod(t.us, 1000000) AS value, 0 AS second_value, CAST(sum(t.event) AS BIGINT) AS units, CAST(sum(1 - t.event) AS BIGINT) AS others
FROM  (SELECT arm, CASE WHEN t1 IS NOT NULL THEN 1 ELSE 0 END AS event,
              CASE WHEN t1 IS NOT NULL THEN t1 WHEN closed >= 1 THEN 1728000000000 ELSE CAST(? AS BIGINT) - first_us END AS us
       FROM   measured
       WHERE  status = 'analysed') AS t
GROUP  BY t.arm, t.us - mod(t.us, 1000000)
ORDER  BY 1, 2, 3, 4
-- arguments: [1775779200000000 none gift ten partner 2026-04-30 00:00:00.000000 purchase plan pro paid 2026-04-30 00:00:00.000000 1777507200000000 1777507200000000]

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
-- arguments: [partner]

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
touched AS (
  SELECT t.person_key, min(t.arm) AS arm, max(t.arm) AS other_arm
  FROM  (SELECT e.person_key, u.arm, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age
         FROM   units AS u
         JOIN   "event_facts" AS e ON e.partner_key = u.unit_key
         WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))) AS t
  WHERE  t.age >= 0 AND t.age <= 1728000000000
  GROUP  BY t.person_key
)
SELECT count(*) AS referees,
       count(*) FILTER (WHERE t.arm <> t.other_arm) AS two_arms,
       CAST(0 AS BIGINT) AS randomised, CAST(0 AS BIGINT) AS cross_arm,
       count(*) FILTER (WHERE t.arm <> t.other_arm) AS affected
FROM   touched AS t
-- arguments: [1775779200000000 none gift ten partner 2026-04-30 00:00:00.000000 2026-04-30 00:00:00.000000]

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
       CASE WHEN g.first_us <= ? THEN 20 WHEN g.first_us <= ? THEN 19 WHEN g.first_us <= ? THEN 18 WHEN g.first_us <= ? THEN 17 WHEN g.first_us <= ? THEN 16 WHEN g.first_us <= ? THEN 15 WHEN g.first_us <= ? THEN 14 WHEN g.first_us <= ? THEN 13 WHEN g.first_us <= ? THEN 12 WHEN g.first_us <= ? THEN 11 WHEN g.first_us <= ? THEN 10 WHEN g.first_us <= ? THEN 9 WHEN g.first_us <= ? THEN 8 WHEN g.first_us <= ? THEN 7 WHEN g.first_us <= ? THEN 6 WHEN g.first_us <= ? THEN 5 WHEN g.first_us <= ? THEN 4 WHEN g.first_us <= ? THEN 3 WHEN g.first_us <= ? THEN 2 WHEN g.first_us <= ? THEN 1 ELSE 0 END AS closed,
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
                     CASE WHEN e.age < 86400000000 THEN 0 WHEN e.age < 172800000000 THEN 1 WHEN e.age < 259200000000 THEN 2 WHEN e.age < 345600000000 THEN 3 WHEN e.age < 432000000000 THEN 4 WHEN e.age < 518400000000 THEN 5 WHEN e.age < 604800000000 THEN 6 WHEN e.age < 691200000000 THEN 7 WHEN e.age < 777600000000 THEN 8 WHEN e.age < 864000000000 THEN 9 WHEN e.age < 950400000000 THEN 10 WHEN e.age < 1036800000000 THEN 11 WHEN e.age < 1123200000000 THEN 12 WHEN e.age < 1209600000000 THEN 13 WHEN e.age < 1296000000000 THEN 14 WHEN e.age < 1382400000000 THEN 15 WHEN e.age < 1468800000000 THEN 16 WHEN e.age < 1555200000000 THEN 17 WHEN e.age < 1641600000000 THEN 18 WHEN e.age < 1728000000000 THEN 19 END AS day,
                     count(*) FILTER (WHERE e.code = 0) AS y
              FROM  (SELECT u.unit_key, u.arm, u.closed, n.code AS code, e.value_minor, CAST(to_unixtime(e.occurred_at) * 1e6 AS BIGINT) - u.first_us AS age
  FROM   units AS u
  JOIN   "event_facts" AS e ON e.partner_key = u.unit_key
  JOIN   names AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND e.occurred_at < CAST(? AS TIMESTAMP(6))
    AND  (n.code IS NOT NULL)) AS e
              WHERE  e.age >= 0 AND e.age < 1728000000000
              GROUP  BY 1, 2, 3, 4) AS d
       WHERE  d.day < d.closed) AS s
GROUP  BY s.arm, s.day
ORDER  BY 1, 2, 3
-- arguments: [1775779200000000 1775865600000000 1775952000000000 1776038400000000 1776124800000000 1776211200000000 1776297600000000 1776384000000000 1776470400000000 1776556800000000 1776643200000000 1776729600000000 1776816000000000 1776902400000000 1776988800000000 1777075200000000 1777161600000000 1777248000000000 1777334400000000 1777420800000000 none gift ten partner 2026-04-30 00:00:00.000000 purchase 2026-04-30 00:00:00.000000]
