-- experiments/readout: exact sums over the randomised units of one experiment.
-- grain   one row per (status, arm, stratum, local day of first exposure, closed windows)
-- reads   the tables of experiments/measured
-- params  those of experiments/measured; caps
-- nulls   a unit without events counts as zeros; a value without a currency rate is not added, but counted
-- money   minor units of the project's currency
WITH {{ include "measured" . }}
{{- range .Caps }}{{ if .Quantile }},
{{ .Column }} AS (
  SELECT min(d.value) AS cap
  FROM  (SELECT s.value, {{ wide "sum(s.units) OVER (ORDER BY s.value)" }} AS below, {{ wide "sum(s.units) OVER ()" }} AS total
         FROM  (SELECT {{ .Of }} AS value, count(*) AS units FROM measured WHERE status = 'analysed' AND closed >= {{ .Level }} GROUP BY {{ .Of }}) AS s) AS d
  WHERE  d.below * {{ wide (arg .Denominator) }} >= d.total * {{ wide (arg .Numerator) }}
)
{{- end }}{{ end }}
{{- if .Caps }},
limited AS (
  SELECT m.status, m.arm, m.stratum, m.day_us, m.closed, m.first_us, m.sightings, m.unknown, m.known, m.with_money
{{- range .Tallies }}{{ if .Kept }}, m.{{ .Column }}{{ end }}{{ end }}
{{- range .Variables }}, m.{{ .Column }}{{ end }}
{{- range .Caps }},
         {{ template "cap" . }} AS {{ .Column }}_at
{{- range .Pairs }},
         CASE WHEN m.{{ .Of }} > {{ template "cap" .Cap }} THEN {{ template "cap" .Cap }} ELSE m.{{ .Of }} END AS {{ .Column }}
{{- end }}{{ end }}
  FROM   measured AS m
{{- range .Caps }}{{ if .Quantile }}
  CROSS  JOIN {{ .Column }}
{{- end }}{{ end }}
)
{{- end }}
SELECT status, arm, stratum, day_us, closed, count(*) AS units, CAST(sum(sightings) AS BIGINT) AS sightings,
       CAST(sum(unknown) AS BIGINT) AS unknown, CAST(sum(known) AS BIGINT) AS known, min(first_us) AS from_us, max(first_us) AS to_us,
       CAST(sum(with_money) AS BIGINT) AS with_money
{{- range .Counted }},
       CAST(sum({{ . }}) AS BIGINT) AS {{ . }}
{{- end }}
{{- range .Caps }},
       CAST(max({{ .Column }}_at) AS VARCHAR) AS {{ .Column }}_at, count(*) FILTER (WHERE {{ .Of }} > {{ .Column }}_at) AS {{ .Column }}_units
{{- end }}
{{- range .Largest }},
       CAST(max({{ . }}) AS VARCHAR) AS most_{{ . }}
{{- end }}
{{- range .Sums }},
       CAST(sum({{ .First }}{{ if .Second }} * {{ .Second }}{{ end }}) AS VARCHAR) AS {{ .Name }}
{{- end }}
FROM   {{ if .Caps }}limited{{ else }}measured{{ end }}
GROUP  BY status, arm, stratum, day_us, closed
ORDER  BY status, arm, stratum, day_us, closed
{{- define "cap" }}{{ if .Quantile }}{{ .Column }}.cap{{ else }}{{ wide (arg .At) }}{{ end }}{{ end }}
