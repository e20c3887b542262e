-- bench/handwritten: what an analyst would write by hand for the experiment of the benchmark: the same sums and products over
-- the same tables, of six metrics with their covariates, and of money.
-- grain   one row per variant     reads  exposures, persons, event_facts, event_names
-- params  none
-- nulls   a unit without events counts as zeros
-- money   minor units
WITH u AS (
  SELECT x.unit_id, min(k.person_key) AS person_key, min(x.variant) AS variant, min(x.exposed_at) AS at, min(k.acquired_at) AS acquired_at
  FROM   exposures AS x
  LEFT   JOIN persons AS k ON k.person_id = x.unit_id
  WHERE  x.experiment = 'offer'
  GROUP  BY x.unit_id
  HAVING min(x.variant) = max(x.variant)
),
o AS (
  SELECT e.person_key,
         count(*) FILTER (WHERE n.event = 'visit' AND e.occurred_at >= u.at) AS visits,
         count(*) FILTER (WHERE n.event = 'visit' AND e.occurred_at < u.at) AS visits_0,
         count(*) FILTER (WHERE n.event = 'purchase' AND e.occurred_at >= u.at) AS orders,
         count(*) FILTER (WHERE n.event = 'purchase' AND e.occurred_at < u.at) AS orders_0,
         count(*) FILTER (WHERE n.event = 'refund' AND e.occurred_at >= u.at) AS refunds,
         count(*) FILTER (WHERE n.event = 'refund' AND e.occurred_at < u.at) AS refunds_0,
         sum(e.value_minor) FILTER (WHERE n.event = 'purchase' AND e.occurred_at >= u.at) AS revenue,
         sum(e.value_minor) FILTER (WHERE n.event = 'purchase' AND e.occurred_at < u.at) AS revenue_0,
         sum(e.value_minor) FILTER (WHERE e.occurred_at >= u.at) AS net
  FROM   event_facts AS e
  JOIN   u ON u.person_key = e.person_key
  JOIN   event_names AS n ON n.event_key = e.event_key
  WHERE  e.occurred_at >= u.at - INTERVAL 28 DAY AND e.occurred_at <= u.at + INTERVAL 30 DAY
  GROUP  BY e.person_key
),
m AS (
  SELECT u.variant, COALESCE(o.visits, 0) AS a, COALESCE(o.visits_0, 0) AS a0, CAST(COALESCE(o.orders, 0) > 0 AS INTEGER) AS b, CAST(COALESCE(o.orders_0, 0) > 0 AS INTEGER) AS b0,
         COALESCE(o.orders, 0) AS c, COALESCE(o.orders_0, 0) AS c0, CAST(COALESCE(o.revenue, 0) AS BIGINT) AS d, CAST(COALESCE(o.revenue_0, 0) AS BIGINT) AS d0,
         CAST(COALESCE(o.refunds, 0) > 0 AS INTEGER) AS f, CAST(COALESCE(o.refunds_0, 0) > 0 AS INTEGER) AS f0, CAST(COALESCE(o.net, 0) AS BIGINT) AS g,
         CASE WHEN u.acquired_at >= u.at AND u.acquired_at <= u.at + INTERVAL 30 DAY THEN 1 ELSE 0 END AS h
  FROM   u
  LEFT   JOIN o ON o.person_key = u.person_key
)
SELECT variant, count(*) AS units, sum(c) AS orders, sum(d) AS revenue,
       sum(a), sum(a0), sum(a * a), sum(a * a0), sum(a0 * a0),
       sum(b), sum(b0), sum(b * b), sum(b * b0), sum(b0 * b0),
       sum(c0), sum(c * c), sum(c * c0), sum(c0 * c0),
       sum(d0), sum(d * d), sum(d * d0), sum(d0 * d0),
       sum(d * c), sum(d * c0), sum(c * d0), sum(d0 * c0),
       sum(f), sum(f0), sum(f * f), sum(f * f0), sum(f0 * f0),
       sum(g), sum(h), sum(g * g), sum(g * h), sum(h * h)
FROM   m
GROUP  BY variant
ORDER  BY variant
