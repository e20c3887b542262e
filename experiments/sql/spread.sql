-- experiments/spread: what sums do not tell: units by time until their event, by value, and by the two sums of a ratio.
-- grain   one row per (metric, arm, value, second value)
-- reads   the tables of experiments/measured
-- params  those of experiments/measured
-- nulls   none
-- money   values in minor units of the project's currency where the metric adds up money
-- times   value: whole seconds, in microseconds, from first exposure to the first event or, censored, until last seen
-- values  of units with at least one event and a closed window
-- ratios  value and second value: numerator and denominator of units with a closed window
WITH {{ include "measured" . }}
{{- range $i, $p := .Parts }}
{{ if $i }}UNION ALL
{{ end -}}
{{ if eq .Kind "times" -}}
SELECT {{ .Metric }} AS metric, t.arm, t.us - mod(t.us, 1000000) AS value, 0 AS second_value, CAST(sum(t.event) AS BIGINT) AS units, CAST(sum(1 - t.event) AS BIGINT) AS others
FROM  (SELECT arm, CASE WHEN {{ .First }} IS NOT NULL THEN 1 ELSE 0 END AS event,
              CASE WHEN {{ .First }} IS NOT NULL THEN {{ .First }} WHEN closed >= {{ .Level }} THEN {{ .Window }} ELSE CAST({{ arg $.AsOfMicros }} AS BIGINT) - first_us END AS us
       FROM   measured
       WHERE  status = 'analysed') AS t
GROUP  BY t.arm, t.us - mod(t.us, 1000000)
{{- else -}}
SELECT {{ .Metric }} AS metric, arm, CAST({{ .Value }} AS BIGINT) AS value, {{ if eq .Kind "ratio" }}CAST({{ .Second }} AS BIGINT){{ else }}0{{ end }} AS second_value, count(*) AS units, 0 AS others
FROM   measured
WHERE  status = 'analysed' AND closed >= {{ .Level }}{{ if eq .Kind "values" }} AND {{ .Has }} > 0{{ end }}
GROUP  BY arm, {{ .Value }}{{ if eq .Kind "ratio" }}, {{ .Second }}{{ end }}
{{- end }}
{{- end }}
ORDER  BY 1, 2, 3, 4
