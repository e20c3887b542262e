-- bench/windows: the funnel as chained windows, each step carrying the latest start that reached it.
-- grain   one row                 reads  event_facts, event_names
-- params  the four steps in order
-- nulls   none                    money  none
-- The window is seven days. Times in a frame of RANGE include the events of the same time, whatever their order.
WITH e AS (
  SELECT f.person_key AS p, epoch_us(f.occurred_at) AS t, s.step
  FROM   event_facts AS f
  JOIN   (SELECT n.event_key, x.step FROM (VALUES (?, 1), (?, 2), (?, 3), (?, 4)) AS x(event, step) JOIN event_names AS n ON n.event = x.event) AS s
    ON   s.event_key = f.event_key
), s1 AS (SELECT *, max(CASE WHEN step = 1 THEN t END) OVER w AS a FROM e WINDOW w AS (PARTITION BY p ORDER BY t RANGE UNBOUNDED PRECEDING)
), s2 AS (SELECT *, max(CASE WHEN step = 2 AND t - a <= 604800000000 THEN a END) OVER w AS b FROM s1 WINDOW w AS (PARTITION BY p ORDER BY t RANGE UNBOUNDED PRECEDING)
), s3 AS (SELECT *, max(CASE WHEN step = 3 AND t - b <= 604800000000 THEN b END) OVER w AS c FROM s2 WINDOW w AS (PARTITION BY p ORDER BY t RANGE UNBOUNDED PRECEDING)
), levels AS (
  SELECT p, max(CASE WHEN step = 4 AND t - c <= 604800000000 THEN 4 WHEN c IS NOT NULL THEN 3 WHEN b IS NOT NULL THEN 2 WHEN a IS NOT NULL THEN 1 ELSE 0 END) AS level
  FROM   s3
  GROUP  BY p
)
SELECT count(*) FILTER (level >= 1), count(*) FILTER (level >= 2), count(*) FILTER (level >= 3), count(*) FILTER (level >= 4)
FROM   levels
