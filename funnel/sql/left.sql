-- funnel/left: the units whose answer may depend on the order of equal times, or whose times lie too far
-- apart for differences of 64 bits. The kernel answers them.
-- grain   one row per unit and time that is a reason          reads  relevant
-- params  those of relevant          nulls  none      money  none
SELECT r.unit
FROM  ({{ include "relevant" . }}) r
GROUP  BY r.unit, r.ts
HAVING count(*) > 1
{{- if .Rows.Ticks }} OR r.ts < {{ arg .Least }} OR r.ts > {{ arg .Most }}{{ end }}
