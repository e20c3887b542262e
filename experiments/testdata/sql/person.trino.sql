-- experiments/readout
-- experiments/readout: exact sums per variant over the randomised units of one experiment.
-- grain   one row per (status, variant) of units
-- reads   exposures, identities, persons or partner_keys, event_facts, event_names
-- params  experiment, variants, as_of (UTC, exclusive), window (elapsed, inclusive), events, properties
-- nulls   a unit without events counts as zeros; a value without a currency rate is not added, but counted
-- money   minor units of the project's currency; net in millionths of them
WITH sightings AS (
  SELECT COALESCE(i.person_id, s.unit_id) AS unit_id, s.variant, s.exposed_at,
         CASE WHEN s.variant IN (?, ?) THEN 1 ELSE 0 END AS known
  FROM   "exposures" AS s
  LEFT   JOIN "identities" AS i ON i.alias = s.unit_id
  WHERE  s.experiment = ? AND s.exposed_at < CAST(? AS TIMESTAMP(6))
),
units AS (
  SELECT unit_id, count(*) AS sightings, count(*) FILTER (WHERE known = 0) AS unknown,
         min(variant) FILTER (WHERE known = 1) AS variant,
         max(variant) FILTER (WHERE known = 1) AS other_variant,
         min(exposed_at) FILTER (WHERE known = 1) AS first_at
  FROM   sightings
  GROUP  BY unit_id
),
keyed AS (
  SELECT u.unit_id, u.sightings, u.unknown, u.variant, u.first_at, k.person_key AS unit_key,
         CASE WHEN u.variant IS NULL THEN 'unknown'
              WHEN u.variant <> u.other_variant THEN 'mixed'
              WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 'excluded'
              ELSE 'analysed' END AS status,
         CASE WHEN u.first_at + INTERVAL '2592000' SECOND <= CAST(? AS TIMESTAMP(6)) THEN 1 ELSE 0 END AS mature
  FROM   units AS u
  LEFT   JOIN "persons" AS k ON k.person_id = u.unit_id
),
outcomes AS (
  SELECT u.unit_id,
         count(*) FILTER (WHERE n.event = ?) AS events_0,
         count(*) FILTER (WHERE n.event = ?) AS events_1,
         sum(CAST(e.value_minor AS DECIMAL(38,0))) AS money,
         count(DISTINCT p.person_key) FILTER (WHERE n.event = ? AND e.occurred_at = p.acquired_at) AS acquired
  FROM   keyed AS u
  JOIN   "persons" AS p ON p.person_key = u.unit_key
  JOIN   "event_facts" AS e ON e.person_key = p.person_key
  JOIN   "event_names" AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND u.mature = 1
    AND  e.occurred_at >= u.first_at AND e.occurred_at < CAST(? AS TIMESTAMP(6))
    AND  e.occurred_at <= u.first_at + INTERVAL '2592000' SECOND
    AND  (e.value_minor IS NOT NULL OR n.event IN (?, ?))
  GROUP  BY u.unit_id
),
measured AS (
  SELECT u.status, CASE WHEN u.status IN ('analysed', 'excluded') THEN u.variant END AS variant,
         u.sightings, u.unknown, u.mature, u.first_at,
         CAST(CASE WHEN o.events_0 > 0 THEN 1 ELSE 0 END AS DECIMAL(19,0)) AS y_0,
         0 AS valueless_0,
         CAST(CASE WHEN o.events_1 > 0 THEN 1 ELSE 0 END AS DECIMAL(19,0)) AS y_1,
         0 AS valueless_1,
         CASE WHEN o.money IS NULL THEN 0 ELSE 1 END AS with_money,
         CAST(CAST(? AS DECIMAL(19,0)) * COALESCE(o.money, 0) AS DECIMAL(19,0)) AS contribution,
         CAST(CASE u.variant WHEN ? THEN CAST(? AS DECIMAL(19,0)) WHEN ? THEN CAST(? AS DECIMAL(19,0)) END * COALESCE(o.acquired, 0) AS DECIMAL(19,0)) AS rewards,
         CAST(0 AS DECIMAL(19,0)) AS commission,
         CAST(1000000 * COALESCE(o.acquired, 0) AS DECIMAL(19,0)) AS customers
  FROM   keyed AS u
  LEFT   JOIN outcomes AS o ON o.unit_id = u.unit_id
)
SELECT status, variant, count(*) AS units, CAST(sum(sightings) AS BIGINT) AS sightings, CAST(sum(unknown) AS BIGINT) AS unknown,
       CAST(sum(mature) AS BIGINT) AS mature, min(CAST(to_unixtime(first_at) * 1e6 AS BIGINT)) AS from_us, max(CAST(to_unixtime(first_at) * 1e6 AS BIGINT)) AS to_us,
       CAST(sum(valueless_0) AS BIGINT) AS valueless_0,
       CAST(sum(valueless_1) AS BIGINT) AS valueless_1,
       CAST(sum(y_0) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_y_0,
       CAST(sum(y_0 * y_0) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_y_0_y_0,
       CAST(sum(y_1) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_y_1,
       CAST(sum(y_1 * y_1) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_y_1_y_1,
       CAST(sum(contribution) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_contribution,
       CAST(sum(rewards) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_rewards,
       CAST(sum(commission) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_commission,
       CAST(sum(customers) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_customers,
       CAST(sum(contribution * contribution) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_contribution_contribution,
       CAST(sum(contribution * rewards) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_contribution_rewards,
       CAST(sum(contribution * commission) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_contribution_commission,
       CAST(sum(contribution * customers) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_contribution_customers,
       CAST(sum(rewards * rewards) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_rewards_rewards,
       CAST(sum(rewards * commission) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_rewards_commission,
       CAST(sum(rewards * customers) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_rewards_customers,
       CAST(sum(commission * commission) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_commission_commission,
       CAST(sum(commission * customers) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_commission_customers,
       CAST(sum(customers * customers) FILTER (WHERE mature = 1) AS VARCHAR) AS sum_customers_customers,
       CAST(sum(with_money) AS BIGINT) AS with_money
FROM   measured
GROUP  BY status, variant
ORDER  BY status, variant
-- arguments: [none ten reward 2026-04-30 00:00:00.000000 2026-04-30 00:00:00.000000 purchase refund purchase 2026-04-30 00:00:00.000000 purchase refund 800000 none 0 ten 0]
