-- funnel/roads: how many units have events that match a step, and how many of them are left to the kernel.
-- grain   one row                    reads  relevant
-- params  those of relevant          nulls  none      money  none
SELECT CAST(count(*) AS BIGINT) AS units, CAST(coalesce(sum(p.tied), 0) AS BIGINT) AS tied,
       CAST(coalesce(sum(CASE WHEN p.tied = 0 THEN p.far END), 0) AS BIGINT) AS far
FROM  (SELECT q.unit, max(q.tied) AS tied, max(q.far) AS far
       FROM  (SELECT r.unit, CASE WHEN count(*) > 1 THEN 1 ELSE 0 END AS tied,
                     {{ if .Rows.Ticks }}CASE WHEN r.ts < {{ arg .Least }} OR r.ts > {{ arg .Most }} THEN 1 ELSE 0 END{{ else }}0{{ end }} AS far
              FROM  ({{ include "relevant" . }}) r
              GROUP  BY r.unit, r.ts) q
       GROUP  BY q.unit) p
ORDER  BY units
