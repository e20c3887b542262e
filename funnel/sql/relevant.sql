-- funnel/relevant: the events that match a step, with a mark for each step they match.
-- grain   one row per event          reads  rows, event_names
-- params  those of rows, conditions on the event's name
-- nulls   a held field or breakdown value NULL = missing, kept      money  value_minor as it stands
-- A star hands on the columns of the statement inside, so that the text grows with the steps, not with
-- their square.
SELECT r.*
FROM  (SELECT e.unit, {{ if .Rows.Ticks }}e.occurred_at{{ else }}{{ micros "e.occurred_at" }}{{ end }} AS ts
{{- range .Steps }},
              CASE WHEN {{ range $i, $w := .Ways }}{{ if $i }} OR {{ end }}(n.named{{ $w.Name }}{{ range $w.Bits }} AND e.conditions{{ . }} = 1{{ end }}){{ end }} THEN TRUE ELSE FALSE END AS m{{ .N }}
{{- end }}
{{- range $i, $h := .Rows.Hold }},
              {{ if $h.Prop }}nullif(e.held{{ $i }}, 'null') AS held{{ $i }}{{ else }}e.held{{ $i }}{{ end }}
{{- end }}
{{- if .Rows.By }},
              {{ if .Rows.By.Of }}e.value{{ else }}nullif(e.value, ''){{ end }} AS given
{{- end }}
{{- if .Rows.Money }},
              e.value_minor
{{- end }}
       FROM  ({{ include "rows" .Rows }}) e
       JOIN  (SELECT x.event_key
{{- range .Names }},
                     CASE WHEN {{ range $i, $c := .Conditions }}{{ if $i }} AND {{ end }}
{{- if $c.Settled }}{{ if $c.Holds }}TRUE{{ else }}FALSE{{ end }}
{{- else if eq $c.Op "contains" }}strpos(x.event, {{ arg $c.Text }}) > 0
{{- else }}x.event {{ $c.Op }} {{ arg $c.Text }}{{ end }}
{{- else }}TRUE{{ end }} THEN TRUE ELSE FALSE END AS named{{ .N }}
{{- end }}
              FROM   {{ table "event_names" }} x) n ON n.event_key = e.event_key) r
WHERE  {{ range $i, $s := .Steps }}{{ if $i }} OR {{ end }}r.m{{ $s.N }}{{ end }}
