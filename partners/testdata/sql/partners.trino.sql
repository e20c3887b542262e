-- partners/directory
-- partners/directory: every partner any input names, with what is known of it.
-- grain   one row per partner              reads  partner_keys, partners
-- params  as of (UTC, exclusive)           money  none
-- nulls   traits NULL = not in the partners table; left_us NULL = has not left by as-of
SELECT k.partner_id, p.partner_id IS NOT NULL AS known, p.name, p.archetype, p.tier, p.region, p.industry,
       CASE WHEN p.left_at < CAST(? AS TIMESTAMP(6)) THEN CAST(to_unixtime(p.left_at) * 1e6 AS BIGINT) END AS left_us
FROM   "partner_keys" AS k
LEFT   JOIN "partners" AS p ON p.partner_id = k.partner_id
ORDER  BY k.partner_id
-- arguments: [2026-11-16 23:00:00.000000]

-- partners/persons
-- partners/persons: everyone with an analysed event of the partner.
-- grain   one row per partner, one for persons without any      reads  event_facts, partner_keys
-- params  as of (UTC, exclusive)           money  none
-- nulls   partner_id NULL = persons none of whose events has a partner
SELECT k.partner_id, count(DISTINCT e.person_key) AS persons
FROM   "event_facts" AS e
JOIN   "partner_keys" AS k ON k.partner_key = e.partner_key
WHERE  e.occurred_at < CAST(? AS TIMESTAMP(6))
GROUP  BY k.partner_id
UNION  ALL
SELECT CAST(NULL AS VARCHAR), count(*)
FROM   (
       SELECT person_key
       FROM   "event_facts"
       WHERE  occurred_at < CAST(? AS TIMESTAMP(6))
       GROUP  BY person_key
       HAVING count(partner_key) = 0
) AS alone
ORDER  BY 1
-- arguments: [2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000]

-- partners/customers
-- partners/customers: customers credited as a whole, and what they spent.
-- grain   one row per partner              reads  acquisition_facts, event_facts, partner_keys
-- params  as of (UTC, exclusive), whole weight
-- nulls   partner_id NULL = organic
-- money   value: net revenue of all events of the customers, minor units, project currency;
--         squares: sum over customers of the square of theirs; 19 digits, because two DECIMAL(18,0)
--         multiply into DECIMAL(18,0) on DuckDB
WITH worth AS (
       SELECT person_key, CAST(sum(CAST(value_minor AS DECIMAL(38,0))) AS DECIMAL(19,0)) AS value
       FROM   "event_facts"
       WHERE  occurred_at < CAST(? AS TIMESTAMP(6)) AND value_minor IS NOT NULL
       GROUP  BY person_key
)
SELECT k.partner_id,
       count(*) AS customers,
       CAST(coalesce(sum(w.value), 0) AS VARCHAR) AS value,
       CAST(coalesce(sum(w.value * w.value), 0) AS VARCHAR) AS squares
FROM   "acquisition_facts" AS a
LEFT   JOIN "partner_keys" AS k ON k.partner_key = a.partner_key
LEFT   JOIN worth AS w ON w.person_key = a.person_key
WHERE  a."at" < CAST(? AS TIMESTAMP(6)) AND a.weight = ?
GROUP  BY k.partner_id
ORDER  BY k.partner_id
-- arguments: [2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000 1000000]

-- partners/split
-- partners/split: customers whose credit is shared between partners; Go splits their money.
-- grain   one row per (customer, partner)  reads  acquisition_facts, event_facts, partner_keys
-- params  as of (UTC, exclusive), whole weight
-- nulls   partner_id NULL = the organic share
-- money   value: net revenue of the customer, minor units, project currency
WITH shared AS (
       SELECT person_key, partner_key, sum(weight) AS weight
       FROM   "acquisition_facts"
       WHERE  "at" < CAST(? AS TIMESTAMP(6)) AND weight <> ?
       GROUP  BY person_key, partner_key
),
worth AS (
       SELECT e.person_key, sum(CAST(e.value_minor AS DECIMAL(38,0))) AS value
       FROM   "event_facts" AS e
       WHERE  e.occurred_at < CAST(? AS TIMESTAMP(6)) AND e.value_minor IS NOT NULL
         AND  e.person_key IN (SELECT person_key FROM shared)
       GROUP  BY e.person_key
)
SELECT s.person_key, k.partner_id, CAST(s.weight AS BIGINT) AS weight, CAST(coalesce(w.value, 0) AS BIGINT) AS value
FROM   shared AS s
LEFT   JOIN "partner_keys" AS k ON k.partner_key = s.partner_key
LEFT   JOIN worth AS w ON w.person_key = s.person_key
ORDER  BY s.person_key, k.partner_id
-- arguments: [2026-11-16 23:00:00.000000 1000000 2026-11-16 23:00:00.000000]

-- partners/costs
-- partners/costs: what each partner cost.
-- grain   one row per partner              reads  costs
-- params  local day of as-of (exclusive)
-- nulls   partner_id NULL = costs of a campaign or the programme; value_minor NULL = no rate
-- money   cost: minor units, project currency
SELECT partner_id,
       CAST(coalesce(sum(CAST(value_minor AS DECIMAL(38,0))), 0) AS VARCHAR) AS cost,
       count(*) AS line_count,
       count(*) - count(value_minor) AS without_rate,
       count(CASE WHEN value_minor < 0 THEN 1 END) AS negative
FROM   "costs"
WHERE  day < CAST(? AS DATE)
GROUP  BY partner_id
ORDER  BY partner_id
-- arguments: [2026-11-16]

-- partners/aggregates
-- partners/aggregates: results that arrived already counted.
-- grain   one row per partner              reads  aggregates
-- params  local day of as-of (exclusive)
-- nulls   value_minor NULL with a revenue = no rate
-- money   revenue: minor units, project currency
SELECT partner_id,
       CAST(coalesce(sum(CAST(conversions AS DECIMAL(38,0))), 0) AS VARCHAR) AS conversions,
       CAST(coalesce(sum(CAST(value_minor AS DECIMAL(38,0))), 0) AS VARCHAR) AS revenue,
       count(CASE WHEN value_minor IS NULL AND revenue_minor IS NOT NULL THEN 1 END) AS without_rate,
       count(CASE WHEN value_minor < 0 THEN 1 END) AS negative
FROM   "aggregates"
WHERE  day < CAST(? AS DATE)
GROUP  BY partner_id
ORDER  BY partner_id
-- arguments: [2026-11-16]

-- partners/loose
-- partners/loose: money of persons who are not customers, such as an expansion without a purchase.
-- grain   one row                          reads  event_facts, acquisition_facts
-- params  as of (UTC, exclusive)
-- nulls   value_minor NULL = no money
-- money   revenue: minor units, project currency
SELECT count(*) AS events, CAST(coalesce(sum(CAST(value_minor AS DECIMAL(38,0))), 0) AS VARCHAR) AS revenue
FROM   "event_facts" AS e
WHERE  e.occurred_at < CAST(? AS TIMESTAMP(6)) AND e.value_minor IS NOT NULL
  AND  NOT EXISTS (
       SELECT 1 FROM "acquisition_facts" AS a
       WHERE  a.person_key = e.person_key AND a."at" < CAST(? AS TIMESTAMP(6))
)
-- arguments: [2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000]

-- partners/totals
-- partners/totals: the sums of the sources, taken without any partner, that the rows must add up to.
-- grain   one row                          reads  persons, event_facts, costs, aggregates
-- params  as of (UTC, exclusive), its local day (exclusive), project currency
-- nulls   first_day NULL = no data; value_minor NULL = no money or no rate
-- money   revenue, cost: minor units, project currency
SELECT (SELECT count(*) FROM "persons" WHERE acquired_at < CAST(? AS TIMESTAMP(6))) AS customers,
       CAST(coalesce(e.revenue, 0) AS VARCHAR) AS event_revenue,
       e.persons,
       e.without_rate,
       CAST(coalesce(c.cost, 0) AS VARCHAR) AS cost,
       CAST(coalesce(g.conversions, 0) AS VARCHAR) AS conversions,
       CAST(coalesce(g.revenue, 0) AS VARCHAR) AS aggregate_revenue,
       date_diff('day', DATE '1970-01-01', e.first_day) AS first_event_day,
       date_diff('day', DATE '1970-01-01', c.first_day) AS first_cost_day,
       date_diff('day', DATE '1970-01-01', g.first_day) AS first_aggregate_day
FROM   (
       SELECT sum(CAST(value_minor AS DECIMAL(38,0))) AS revenue, count(DISTINCT person_key) AS persons, min(day) AS first_day,
              count(CASE WHEN value_minor IS NULL AND amount_minor IS NOT NULL AND currency <> ? THEN 1 END) AS without_rate
       FROM   "event_facts" WHERE occurred_at < CAST(? AS TIMESTAMP(6))
) AS e
CROSS  JOIN (
       SELECT sum(CAST(value_minor AS DECIMAL(38,0))) AS cost, min(day) AS first_day
       FROM   "costs" WHERE day < CAST(? AS DATE)
) AS c
CROSS  JOIN (
       SELECT sum(CAST(conversions AS DECIMAL(38,0))) AS conversions, sum(CAST(value_minor AS DECIMAL(38,0))) AS revenue, min(day) AS first_day
       FROM   "aggregates" WHERE day < CAST(? AS DATE)
) AS g
-- arguments: [2026-11-16 23:00:00.000000 EUR 2026-11-16 23:00:00.000000 2026-11-16 2026-11-16]

-- partners/costlines
-- partners/costlines: whether any cost is known at all.
-- grain   one row                          reads  costs
-- params  local day of as-of (exclusive)
-- nulls   none
-- money   none
SELECT count(*) AS line_count
FROM   "costs"
WHERE  day < CAST(? AS DATE)
-- arguments: [2026-11-16]

-- partners/weeks
-- partners/weeks: the programme by calendar week.
-- grain   one row per week with data       reads  acquisition_facts, costs, event_facts, aggregates, event_names
-- params  as of (UTC, exclusive), its local day (exclusive), name of the sign-up event
-- nulls   none
-- money   cost, revenue: minor units, project currency; squares: sum of the squares of single amounts
-- converted: persons who signed up in the week and were customers before it ended
SELECT week,
       CAST(sum(micro) AS VARCHAR) AS micro,
       CAST(sum(cost) AS VARCHAR) AS cost,
       CAST(sum(revenue) AS VARCHAR) AS revenue,
       CAST(sum(squares) AS VARCHAR) AS squares,
       CAST(sum(signups) AS BIGINT) AS signups,
       CAST(sum(converted) AS BIGINT) AS converted
FROM   (
       SELECT (date_diff('day', DATE '1969-12-28', day) - mod(date_diff('day', DATE '1969-12-28', day), 7)) AS week, CAST(weight AS DECIMAL(38,0)) AS micro, CAST(0 AS DECIMAL(38,0)) AS cost, CAST(0 AS DECIMAL(38,0)) AS revenue,
              CAST(0 AS DECIMAL(38,0)) AS squares, 0 AS signups, 0 AS converted
       FROM   "acquisition_facts" WHERE "at" < CAST(? AS TIMESTAMP(6))
       UNION  ALL
       SELECT (date_diff('day', DATE '1969-12-28', day) - mod(date_diff('day', DATE '1969-12-28', day), 7)), 0, CAST(value_minor AS DECIMAL(38,0)), 0, 0, 0, 0
       FROM   "costs" WHERE day < CAST(? AS DATE) AND value_minor IS NOT NULL
       UNION  ALL
       SELECT (date_diff('day', DATE '1969-12-28', day) - mod(date_diff('day', DATE '1969-12-28', day), 7)), 0, 0, CAST(value_minor AS DECIMAL(38,0)),
              CAST(value_minor AS DECIMAL(19,0)) * CAST(value_minor AS DECIMAL(19,0)), 0, 0
       FROM   "event_facts" WHERE occurred_at < CAST(? AS TIMESTAMP(6)) AND value_minor IS NOT NULL
       UNION  ALL
       SELECT (date_diff('day', DATE '1969-12-28', day) - mod(date_diff('day', DATE '1969-12-28', day), 7)), coalesce(conversions, 0) * CAST(1000000 AS DECIMAL(38,0)), 0, coalesce(CAST(value_minor AS DECIMAL(38,0)), 0),
              coalesce(CAST(value_minor AS DECIMAL(19,0)) * CAST(value_minor AS DECIMAL(19,0)), 0), 0, 0
       FROM   "aggregates" WHERE day < CAST(? AS DATE)
       UNION  ALL
       SELECT s.week, 0, 0, 0, 0, 1,
              CASE WHEN p.acquired_at < CAST(? AS TIMESTAMP(6)) AND p.acquired_at >= s.signed_at AND (date_diff('day', DATE '1969-12-28', p.acquired_day) - mod(date_diff('day', DATE '1969-12-28', p.acquired_day), 7)) = s.week THEN 1 ELSE 0 END
       FROM   (
              SELECT e.person_key, min((date_diff('day', DATE '1969-12-28', e.day) - mod(date_diff('day', DATE '1969-12-28', e.day), 7))) AS week, min(e.occurred_at) AS signed_at
              FROM   "event_facts" AS e
              JOIN   "event_names" AS n ON n.event_key = e.event_key
              WHERE  n.event = ? AND e.occurred_at < CAST(? AS TIMESTAMP(6))
              GROUP  BY e.person_key
       ) AS s
       JOIN   "persons" AS p ON p.person_key = s.person_key
) AS parts
GROUP  BY week
ORDER  BY week
-- arguments: [2026-11-16 23:00:00.000000 2026-11-16 2026-11-16 23:00:00.000000 2026-11-16 2026-11-16 23:00:00.000000 signed_up 2026-11-16 23:00:00.000000]

-- partners/movers
-- partners/movers: customers of each partner in two neighbouring weeks.
-- grain   one row per partner              reads  acquisition_facts, aggregates, partner_keys, partners
-- params  weeks, as of (UTC, exclusive), its local day (exclusive)
-- nulls   partner_id NULL = organic        money  none
SELECT parts.partner_id, t.name,
       CAST(sum(CASE WHEN parts.week = ? THEN parts.micro ELSE 0 END) AS BIGINT) AS previous,
       CAST(sum(CASE WHEN parts.week = ? THEN parts.micro ELSE 0 END) AS BIGINT) AS current_week
FROM   (
       SELECT k.partner_id, (date_diff('day', DATE '1969-12-28', a.day) - mod(date_diff('day', DATE '1969-12-28', a.day), 7)) AS week, CAST(a.weight AS DECIMAL(38,0)) AS micro
       FROM   "acquisition_facts" AS a
       LEFT   JOIN "partner_keys" AS k ON k.partner_key = a.partner_key
       WHERE  a."at" < CAST(? AS TIMESTAMP(6))
       UNION  ALL
       SELECT partner_id, (date_diff('day', DATE '1969-12-28', day) - mod(date_diff('day', DATE '1969-12-28', day), 7)), coalesce(conversions, 0) * CAST(1000000 AS DECIMAL(38,0))
       FROM   "aggregates"
       WHERE  day < CAST(? AS DATE)
) AS parts
LEFT   JOIN "partners" AS t ON t.partner_id = parts.partner_id
WHERE  parts.week IN (?, ?)
GROUP  BY parts.partner_id, t.name
ORDER  BY parts.partner_id
-- arguments: [20762 20769 2026-11-16 23:00:00.000000 2026-11-16 20762 20769]

