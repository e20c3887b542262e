-- funnel/twin
-- funnel/twin: what the kernel answers, for units whose relevant events all have different times.
-- grain   one row per start that a unit may begin with: (unit, question, value, lane, start); bare: (question, value, level)
-- reads   relevant, left             params  those of relevant, starts lo ≤ time ≤ hi, window
-- nulls   an event without a held value serves no step; value NULL = none; done NULL = never complete
-- money   value_minor of the events of the reference chain, NULL = none
--
-- question 0 asks about all events of a unit, 1 about those of one value of the breakdown.
-- s2, s3, … at an event is the latest start of a chain that reaches the step there; e1 at a start is the
-- earliest time at which a chain that begins there is complete. At the row with the deepest step, there
-- earliest, s is the start of the reference chain (origin); the chain takes each step at its first event
-- with that start. Nothing reads n: without a window over all rows DuckDB up to 1.5 takes 2ᵏ time to plan k
-- nested windows (duckdb/duckdb#25373), so deep funnels have one; drop it with the fix (25673).
-- A star hands on the columns of the statement inside, so that the text grows with the
-- steps, not with their square.
WITH plain AS (
SELECT r.*
FROM  (SELECT r.*
FROM  (SELECT e.unit, epoch_us(e.occurred_at) AS ts,
              CASE WHEN (n.named1) THEN TRUE ELSE FALSE END AS m1,
              CASE WHEN (n.named2 AND e.conditions0 = 1) THEN TRUE ELSE FALSE END AS m2,
              CASE WHEN (n.named3 AND e.conditions1 = 1 AND e.conditions2 = 1) OR (n.named4 AND e.conditions3 = 1 AND e.conditions4 = 1) THEN TRUE ELSE FALSE END AS m3,
              e.held0,
              nullif(e.held1, 'null') AS held1,
              nullif(e.value, '') AS given,
              e.value_minor
       FROM  (SELECT e.person_key AS unit, e.occurred_at, e.event_key,
       0 + CASE WHEN e."status" = ? THEN 1 ELSE 0 END AS conditions0,
       0 + CASE WHEN strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND TRY_CAST(json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS DOUBLE) >= CAST(? AS DOUBLE) THEN 1 ELSE 0 END AS conditions1,
       0 + CASE WHEN coalesce(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 'null') <> 'null' AND NOT (strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) = ?) THEN 1 ELSE 0 END AS conditions2,
       0 + CASE WHEN NOT (e."partner_key" IS NOT NULL) THEN 1 ELSE 0 END AS conditions3,
       0 + CASE WHEN strpos(e."channel", ?) > 0 THEN 1 ELSE 0 END AS conditions4,
       e."referral_code" AS held0,
       CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR) AS held1,
       json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS value,
       e.value_minor
FROM   "event_facts" e
WHERE  e.person_key >= ? AND e.person_key < ?
  AND  e.occurred_at < CAST(? AS TIMESTAMP)) e
       JOIN  (SELECT x.event_key,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named1,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named2,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named3,
                     CASE WHEN TRUE THEN TRUE ELSE FALSE END AS named4
              FROM   "event_names" x) n ON n.event_key = e.event_key) r
WHERE  r.m1 OR r.m2 OR r.m3) r
WHERE  r.unit NOT IN (SELECT r.unit
FROM  (SELECT r.*
FROM  (SELECT e.unit, epoch_us(e.occurred_at) AS ts,
              CASE WHEN (n.named1) THEN TRUE ELSE FALSE END AS m1,
              CASE WHEN (n.named2 AND e.conditions0 = 1) THEN TRUE ELSE FALSE END AS m2,
              CASE WHEN (n.named3 AND e.conditions1 = 1 AND e.conditions2 = 1) OR (n.named4 AND e.conditions3 = 1 AND e.conditions4 = 1) THEN TRUE ELSE FALSE END AS m3
       FROM  (SELECT e.person_key AS unit, e.occurred_at, e.event_key,
       0 + CASE WHEN e."status" = ? THEN 1 ELSE 0 END AS conditions0,
       0 + CASE WHEN strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND TRY_CAST(json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS DOUBLE) >= CAST(? AS DOUBLE) THEN 1 ELSE 0 END AS conditions1,
       0 + CASE WHEN coalesce(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 'null') <> 'null' AND NOT (strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) = ?) THEN 1 ELSE 0 END AS conditions2,
       0 + CASE WHEN NOT (e."partner_key" IS NOT NULL) THEN 1 ELSE 0 END AS conditions3,
       0 + CASE WHEN strpos(e."channel", ?) > 0 THEN 1 ELSE 0 END AS conditions4
FROM   "event_facts" e
WHERE  e.person_key >= ? AND e.person_key < ?
  AND  e.occurred_at < CAST(? AS TIMESTAMP)) e
       JOIN  (SELECT x.event_key,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named1,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named2,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named3,
                     CASE WHEN TRUE THEN TRUE ELSE FALSE END AS named4
              FROM   "event_names" x) n ON n.event_key = e.event_key) r
WHERE  r.m1 OR r.m2 OR r.m3) r
GROUP  BY r.unit, r.ts
HAVING count(*) > 1)
), asked AS (
SELECT p.*, k.question, CASE WHEN k.question = 1 THEN p.given END AS value
FROM   plain p
CROSS  JOIN (VALUES (0), (1)) AS k (question)
)
SELECT l.unit, CAST(l.question AS BIGINT) AS question, l.entry, l.s1, l.e1, CAST(l.level AS BIGINT) AS level, l.origin, l.t2, l.t3, l.value, l.a1, l.a2, l.a3
FROM (
SELECT l.*, max(CASE WHEN l.ts = l.origin THEN l.value_minor END) OVER lane AS a1, max(CASE WHEN l.ts = l.t2 THEN l.value_minor END) OVER lane AS a2, max(CASE WHEN l.ts = l.t3 THEN l.value_minor END) OVER lane AS a3
FROM (
SELECT l.*, min(l.s1) OVER lane AS entry, min(CASE WHEN l.s2 = l.origin THEN l.ts END) OVER lane AS t2, min(CASE WHEN l.s3 = l.origin THEN l.ts END) OVER lane AS t3
FROM (
SELECT l.*, first_value(l.reached) OVER deepest AS level, first_value(l.start) OVER deepest AS origin
FROM (
SELECT l.*, CASE WHEN l.s3 IS NOT NULL THEN 3 WHEN l.s2 IS NOT NULL THEN 2 WHEN l.s1 IS NOT NULL THEN 1 ELSE 0 END AS reached, coalesce(l.s3, l.s2, l.s1, NULL) AS start
FROM (
SELECT l.*,
       CASE WHEN l.m3 AND l.ts - max(l.s2) OVER earlier <= ? THEN max(l.s2) OVER earlier END AS s3,
       CASE WHEN l.m1 THEN min(l.e2) OVER later END AS e1
FROM (
SELECT l.*,
       CASE WHEN l.m2 AND l.ts - max(l.s1) OVER earlier <= ? THEN max(l.s1) OVER earlier END AS s2,
       CASE WHEN l.m2 THEN min(l.e3) OVER later END AS e2
FROM (
SELECT l.*,
       CASE WHEN l.m1 THEN l.ts END AS s1,
       CASE WHEN l.m3 THEN l.ts END AS e3
FROM   asked l
WHERE  l.held0 IS NOT NULL
  AND  l.held1 IS NOT NULL
) l
WINDOW earlier AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1 ORDER BY l.ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
       later AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1 ORDER BY l.ts ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
) l
WINDOW earlier AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1 ORDER BY l.ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
       later AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1 ORDER BY l.ts ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)) l
) l
WINDOW deepest AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1 ORDER BY l.reached DESC, l.ts)
) l
WINDOW lane AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1)
) l
WINDOW lane AS (PARTITION BY l.unit, l.question, l.value, l.held0, l.held1)
) l
WHERE  l.s1 IS NOT NULL
ORDER  BY l.unit, l.question, l.value, l.held0, l.held1, l.s1
-- arguments: [paid -0123456789 seats seats 3 trial tf trial trial true mail device plan 0 2147483647 2027-01-01 00:00:00.000000 invite purchase upgrade paid -0123456789 seats seats 3 trial tf trial trial true mail 0 2147483647 2027-01-01 00:00:00.000000 invite purchase upgrade 2592000000000 2592000000000]

-- funnel/rows
-- funnel/rows: the events that can matter to a funnel, of a range of units, in order within a unit.
-- grain   one row per event          reads  event_facts or step_facts, partner_keys, partners, persons
-- params  units lo ≤ key < hi, end of observation, event keys, conditions, held fields, breakdown;
--         only the units that the twin leaves to the kernel
-- order   a clustered table is read as it lies: the reader checks the order and refuses any other
-- nulls   a held field or breakdown value NULL = missing, kept; an event without a unit is left out
-- money   value_minor as it stands
SELECT e.person_key AS unit, e.occurred_at, e.event_key,
       0 + CASE WHEN e."status" = ? THEN 1 ELSE 0 END + CASE WHEN strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND TRY_CAST(json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS DOUBLE) >= CAST(? AS DOUBLE) THEN 2 ELSE 0 END + CASE WHEN coalesce(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 'null') <> 'null' AND NOT (strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) = ?) THEN 4 ELSE 0 END + CASE WHEN NOT (e."partner_key" IS NOT NULL) THEN 8 ELSE 0 END + CASE WHEN strpos(e."channel", ?) > 0 THEN 16 ELSE 0 END AS conditions0,
       e."referral_code" AS held0,
       CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR) AS held1,
       json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS value,
       e.value_minor
FROM   "event_facts" e
WHERE  e.person_key >= ? AND e.person_key < ?
  AND  e.occurred_at < CAST(? AS TIMESTAMP)
  AND  e.person_key IN (SELECT r.unit
FROM  (SELECT r.*
FROM  (SELECT e.unit, epoch_us(e.occurred_at) AS ts,
              CASE WHEN (n.named1) THEN TRUE ELSE FALSE END AS m1,
              CASE WHEN (n.named2 AND e.conditions0 = 1) THEN TRUE ELSE FALSE END AS m2,
              CASE WHEN (n.named3 AND e.conditions1 = 1 AND e.conditions2 = 1) OR (n.named4 AND e.conditions3 = 1 AND e.conditions4 = 1) THEN TRUE ELSE FALSE END AS m3
       FROM  (SELECT e.person_key AS unit, e.occurred_at, e.event_key,
       0 + CASE WHEN e."status" = ? THEN 1 ELSE 0 END AS conditions0,
       0 + CASE WHEN strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND TRY_CAST(json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS DOUBLE) >= CAST(? AS DOUBLE) THEN 1 ELSE 0 END AS conditions1,
       0 + CASE WHEN coalesce(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 'null') <> 'null' AND NOT (strpos(?, substr(CAST(json_extract(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR), 1, 1)) > 0 AND json_extract_string(e.properties, '/' || replace(replace(?, '~', '~0'), '/', '~1')) = ?) THEN 1 ELSE 0 END AS conditions2,
       0 + CASE WHEN NOT (e."partner_key" IS NOT NULL) THEN 1 ELSE 0 END AS conditions3,
       0 + CASE WHEN strpos(e."channel", ?) > 0 THEN 1 ELSE 0 END AS conditions4
FROM   "event_facts" e
WHERE  e.person_key >= ? AND e.person_key < ?
  AND  e.occurred_at < CAST(? AS TIMESTAMP)) e
       JOIN  (SELECT x.event_key,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named1,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named2,
                     CASE WHEN x.event = ? THEN TRUE ELSE FALSE END AS named3,
                     CASE WHEN TRUE THEN TRUE ELSE FALSE END AS named4
              FROM   "event_names" x) n ON n.event_key = e.event_key) r
WHERE  r.m1 OR r.m2 OR r.m3) r
GROUP  BY r.unit, r.ts
HAVING count(*) > 1)
ORDER  BY e.person_key, e.occurred_at, e.event_id, e.source
-- arguments: [paid -0123456789 seats seats 3 trial tf trial trial true mail device plan 0 2147483647 2027-01-01 00:00:00.000000 paid -0123456789 seats seats 3 trial tf trial trial true mail 0 2147483647 2027-01-01 00:00:00.000000 invite purchase upgrade]

