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
{{- define "lane" }}l.unit, l.question{{ if .Rows.By }}, l.value{{ end }}{{ range $i, $h := .Rows.Hold }}, l.held{{ $i }}{{ end }}{{ end }}
{{- define "start" }}l.m1{{ if eq .Fits 1 }} AND l.fits{{ end }}{{ if .Lo }} AND l.ts >= {{ arg .Lo }}{{ end }}{{ if .Hi }} AND l.ts <= {{ arg .Hi }}{{ end }}{{ end }}
{{- define "shallow" }}{{ if .Deep }}, row_number() OVER () AS n{{ end }}{{ end }}
{{- define "chain" }}
{{- range .Inward }}
SELECT l.*{{ template "shallow" $ }},
       CASE WHEN l.m{{ .Step }}{{ if eq $.Fits .Step }} AND l.fits{{ end }}{{ if $.Window }} AND l.ts - max(l.s{{ .Before }}) OVER earlier <= {{ arg $.Window }}{{ end }} THEN max(l.s{{ .Before }}) OVER earlier END AS s{{ .Step }}
{{- if not $.Bare }},
       CASE WHEN l.m{{ .Back }}{{ if eq $.Fits .Back }} AND l.fits{{ end }} THEN min(l.e{{ .After }}) OVER later END AS e{{ .Back }}
{{- end }}
FROM (
{{- end }}
SELECT l.*,
       CASE WHEN {{ template "start" . }}{{ if .FirstEntry }} AND l.ts = min(CASE WHEN {{ template "start" . }} THEN l.ts END) OVER (PARTITION BY {{ template "lane" . }}){{ end }} THEN l.ts END AS s1
{{- if not .Bare }},
       CASE WHEN l.m{{ .K }}{{ if eq .Fits .K }} AND l.fits{{ end }} THEN l.ts END AS e{{ .K }}
{{- end }}
FROM   asked l
{{- range $i, $h := .Rows.Hold }}
{{ if $i }}  AND {{ else }}WHERE {{ end }} l.held{{ $i }} IS NOT NULL
{{- end }}
{{- range .Layers }}
) l
WINDOW earlier AS (PARTITION BY {{ template "lane" $ }} ORDER BY l.ts ROWS BETWEEN UNBOUNDED PRECEDING AND {{ if $.Same }}CURRENT ROW{{ else }}1 PRECEDING{{ end }})
{{- if not $.Bare }},
       later AS (PARTITION BY {{ template "lane" $ }} ORDER BY l.ts ROWS BETWEEN {{ if $.Same }}CURRENT ROW{{ else }}1 FOLLOWING{{ end }} AND UNBOUNDED FOLLOWING)
{{- end }}
{{- end }}
{{- end }}
WITH plain AS (
SELECT r.*
FROM  ({{ include "relevant" . }}) r
WHERE  r.unit NOT IN ({{ include "left" .Narrow }})
){{ if .FirstEver }}, firsts AS (
SELECT p.unit, p.ts
{{- range .Steps }}, {{ if .FirstEver }}p.m{{ .N }} AND p.ts = min(CASE WHEN p.m{{ .N }} THEN p.ts END) OVER (PARTITION BY p.unit) AS m{{ .N }}{{ else }}p.m{{ .N }}{{ end }}{{ end }}
{{- range $i, $h := .Rows.Hold }}, p.held{{ $i }}{{ end }}{{ if .Rows.By }}, p.given{{ end }}{{ if .Rows.Money }}, p.value_minor{{ end }}
FROM   plain p
){{ end }}, asked AS (
{{- $from := "plain" }}{{ if .FirstEver }}{{ $from = "firsts" }}{{ end }}
{{- if eq .Attribution "all" }}
SELECT p.*, k.question, CASE WHEN k.question = 1 THEN p.given END AS value
FROM   {{ $from }} p
CROSS  JOIN (VALUES (0), (1)) AS k (question)
{{- else if eq .Attribution "step" }}
SELECT p.*, k.question, k.value, k.question = 0 OR p.given IS NOT DISTINCT FROM k.value AS fits
FROM   {{ $from }} p
JOIN  (SELECT DISTINCT a.unit, 1 AS question, a.given AS value FROM {{ $from }} a WHERE a.m{{ .Fits }}
       UNION ALL
       SELECT DISTINCT a.unit, 0, CASE WHEN FALSE THEN a.given END FROM {{ $from }} a) k ON k.unit = p.unit
{{- else }}
SELECT p.*, 0 AS question
{{- if .Rows.By }}, first_value(CASE WHEN p.given IS NOT NULL AND ({{ range $i, $s := .Steps }}{{ if $i }} OR {{ end }}p.m{{ $s.N }}{{ end }}) THEN p.given END)
       OVER (PARTITION BY p.unit ORDER BY CASE WHEN p.given IS NOT NULL AND ({{ range $i, $s := .Steps }}{{ if $i }} OR {{ end }}p.m{{ $s.N }}{{ end }}) THEN 0 ELSE 1 END, p.ts{{ if eq .Attribution "last_touch" }} DESC{{ end }}) AS value
{{- end }}
FROM   {{ $from }} p
{{- end }}
)
{{- if .Bare }}
SELECT u.question{{ if .Rows.By }}, u.value{{ end }}, CAST(u.level AS BIGINT) AS level, CAST(count(*) AS BIGINT) AS units
FROM  (SELECT l.unit, l.question{{ if .Rows.By }}, l.value{{ end }}, max(CASE{{ range .Down }} WHEN l.s{{ . }} IS NOT NULL THEN {{ . }}{{ end }} ELSE 0 END) AS level
       FROM  ({{ template "chain" . }}) l
       GROUP  BY l.unit, l.question{{ if .Rows.By }}, l.value{{ end }}) u
WHERE  u.level > 0
GROUP  BY u.question{{ if .Rows.By }}, u.value{{ end }}, u.level
ORDER  BY u.question{{ if .Rows.By }}, u.value{{ end }}, u.level
{{- else }}
SELECT l.unit, CAST(l.question AS BIGINT) AS question, l.entry, l.s1, l.e1, CAST(l.level AS BIGINT) AS level, l.origin
{{- range .Layers }}, l.t{{ .Step }}{{ end }}
{{- if .Rows.By }}, l.value{{ end }}
{{- if .Rows.Money }}, l.a1{{ range .Layers }}, l.a{{ .Step }}{{ end }}{{ end }}
FROM ({{ if .Rows.Money }}
SELECT l.*{{ template "shallow" . }}, max(CASE WHEN l.ts = l.origin THEN l.value_minor END) OVER lane AS a1
{{- range .Layers }}, max(CASE WHEN l.ts = l.t{{ .Step }} THEN l.value_minor END) OVER lane AS a{{ .Step }}{{ end }}
FROM ({{ end }}
SELECT l.*{{ template "shallow" . }}, min(l.s1) OVER lane AS entry
{{- range .Layers }}, min(CASE WHEN l.s{{ .Step }} = l.origin THEN l.ts END) OVER lane AS t{{ .Step }}{{ end }}
FROM (
SELECT l.*{{ template "shallow" . }}, first_value(l.reached) OVER deepest AS level, first_value(l.start) OVER deepest AS origin
FROM (
SELECT l.*, CASE{{ range .Down }} WHEN l.s{{ . }} IS NOT NULL THEN {{ . }}{{ end }} ELSE 0 END AS reached, coalesce({{ range .Down }}l.s{{ . }}, {{ end }}NULL) AS start
FROM ({{ template "chain" . }}) l
) l
WINDOW deepest AS (PARTITION BY {{ template "lane" . }} ORDER BY l.reached DESC, l.ts)
) l
WINDOW lane AS (PARTITION BY {{ template "lane" . }}){{ if .Rows.Money }}
) l
WINDOW lane AS (PARTITION BY {{ template "lane" . }}){{ end }}
) l
WHERE  l.s1 IS NOT NULL
ORDER  BY l.unit, l.question{{ if .Rows.By }}, l.value{{ end }}{{ range $i, $h := .Rows.Hold }}, l.held{{ $i }}{{ end }}, l.s1
{{- end }}
