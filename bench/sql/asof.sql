-- bench/asof: the funnel as a chain of ASOF joins: each event of a step finds the latest event of the step
-- before it that is not later, and takes over its start.
-- grain   one row                 reads  event_facts, event_names
-- params  the four steps in order
-- nulls   none                    money  none
-- The window is seven days. Among equal times the latest start wins.
WITH e AS (
  SELECT f.person_key AS p, epoch_us(f.occurred_at) AS t, s.step
  FROM   event_facts AS f
  JOIN   (SELECT n.event_key, x.step FROM (VALUES (?, 1), (?, 2), (?, 3), (?, 4)) AS x(event, step) JOIN event_names AS n ON n.event = x.event) AS s
    ON   s.event_key = f.event_key
), c1 AS (SELECT DISTINCT p, t, t AS start FROM e WHERE step = 1
), c2 AS (SELECT e.p, e.t, max(c.start) AS start FROM e ASOF JOIN c1 AS c ON c.p = e.p AND c.t <= e.t WHERE e.step = 2 AND e.t - c.start <= 604800000000 GROUP BY ALL
), c3 AS (SELECT e.p, e.t, max(c.start) AS start FROM e ASOF JOIN c2 AS c ON c.p = e.p AND c.t <= e.t WHERE e.step = 3 AND e.t - c.start <= 604800000000 GROUP BY ALL
), c4 AS (SELECT e.p, e.t, max(c.start) AS start FROM e ASOF JOIN c3 AS c ON c.p = e.p AND c.t <= e.t WHERE e.step = 4 AND e.t - c.start <= 604800000000 GROUP BY ALL
)
SELECT (SELECT count(DISTINCT p) FROM c1), (SELECT count(DISTINCT p) FROM c2), (SELECT count(DISTINCT p) FROM c3), (SELECT count(DISTINCT p) FROM c4)
