-- experiments/novelty: exact sums of one metric by day since each unit's first exposure.
-- grain   one row per (arm, days seen) with day −1: the units that were seen for so many whole days;
--         one row per (arm, day) with days 0: the units that have something to add up on that day, of those seen for all of it
-- reads   the tables of experiments/sources and experiments/happened
-- params  those tables' params, the number of days
-- nulls   a unit without events on a day is in no row of that day: its zeros are known from the units that were seen
-- money   minor units of the project's currency
WITH {{ include "sources" . }}
SELECT u.arm, u.closed AS days, -1 AS day, count(*) AS units{{ range .Sums }}, '0' AS {{ .Name }}{{ end }}
FROM   units AS u
WHERE  u.status = 'analysed'
GROUP  BY u.arm, u.closed
UNION ALL
SELECT s.arm, 0, s.day, count(*){{ range .Sums }}, CAST(sum(s.{{ .First }}{{ if .Second }} * s.{{ .Second }}{{ end }}) AS VARCHAR){{ end }}
FROM  (SELECT d.arm, d.day{{ range .Parts }},
              {{ if eq .Kind "indicator" }}CASE WHEN d.{{ .Column }} > 0 THEN 1 ELSE 0 END{{ else if eq .Kind "amount" }}CAST(COALESCE(d.{{ .Column }}, 0) AS DECIMAL(19,0)){{ else }}d.{{ .Column }}{{ end }} AS {{ .Column }}{{ end }}
       FROM  (SELECT e.unit_key, e.arm, e.closed,
                     CASE{{ range .Ends }} WHEN e.age < {{ .Micros }} THEN {{ .Day }}{{ end }} END AS day{{ range .Parts }},
                     {{ if eq .Kind "amount" }}sum(e.value_minor){{ else }}count(*){{ end }} FILTER (WHERE {{ template "hit" .Selector }}) AS {{ .Column }}{{ end }}
              FROM  ({{ include "happened" . }}) AS e
              WHERE  e.age >= 0 AND e.age < {{ .Last }}
              GROUP  BY 1, 2, 3, 4) AS d
       WHERE  d.day < d.closed) AS s
GROUP  BY s.arm, s.day
ORDER  BY 1, 2, 3
{{- define "hit" }}{{ if .Where }}e.hit_{{ .Index }} = 1{{ else }}e.code = {{ .Code }}{{ end }}{{ end }}
