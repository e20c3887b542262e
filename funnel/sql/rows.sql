-- funnel/rows: the events that can matter to a funnel, of a range of units, in order within a unit.
-- grain   one row per event          reads  event_facts or step_facts, partner_keys, partners, persons
-- params  units lo ≤ key < hi, end of observation, event keys, conditions, held fields, breakdown;
--         only the units that the twin leaves to the kernel
-- order   a clustered table is read as it lies: the reader checks the order and refuses any other
-- nulls   a held field or breakdown value NULL = missing, kept; an event without a unit is left out
-- money   value_minor as it stands
{{- define "value" }}
{{- if eq .Of "partner" }}{{ if eq .Name "partner_id" }}k.partner_id{{ else }}s.{{ ident .Name }}{{ end }}
{{- else if eq .Of "referrer" }}s.person_id
{{- else if eq .Of "person" }}{{ prop "s.attributes" .Name }}
{{- else if eq .Of "cohort" }}s.first_seen
{{- else if eq .Of "acquired" }}s.acquired_at
{{- else if .Prop }}{{ prop "e.properties" .Prop }}
{{- else }}e.{{ ident .Column }}{{ end }}{{ end }}
{{- define "json" }}{{ if .Prop }}{{ json "e.properties" .Prop }}{{ else }}{{ json "s.attributes" .Name }}{{ end }}{{ end }}
{{- define "present" }}{{ if or .Prop (eq .Of "person") }}coalesce({{ template "json" . }}, 'null') <> 'null'{{ else }}{{ template "value" . }} IS NOT NULL{{ end }}{{ end }}
{{- define "compare" }}
{{- if eq .Op "never" }}FALSE
{{- else if .Spans }}({{ range $i, $p := .Spans }}{{ if $i }} OR {{ end }}{{ template "value" $.Field }} >= {{ arg $p.From }} AND {{ template "value" $.Field }} < {{ arg $p.To }}{{ end }})
{{- else if eq .Op "is_null" "not_null" }}{{ template "present" .Field }}
{{- else }}{{ if .Negate }}{{ template "present" .Field }} AND NOT ({{ end }}
{{- if .Begins }}strpos({{ arg .Begins }}, substr({{ template "json" .Field }}, 1, 1)) > 0 AND {{ end }}
{{- if eq .Op "contains" }}strpos({{ template "value" .Field }}, {{ arg .Text }}) > 0
{{- else if .Number }}TRY_CAST({{ template "value" .Field }} AS DOUBLE) {{ .Op }} CAST({{ arg .Text }} AS DOUBLE)
{{- else }}{{ template "value" .Field }} {{ .Op }} {{ arg .Text }}{{ end }}
{{- if .Negate }}){{ end }}
{{- end }}{{ end }}
{{- define "keys" }}
{{- if eq .Field.Of "partner" }}SELECT k.partner_key FROM {{ table "partner_keys" }} k
{{- if ne .Field.Name "partner_id" }} JOIN {{ table "partners" }} s ON s.partner_id = k.partner_id{{ end }} WHERE {{ template "compare" . }}
{{- else }}SELECT s.person_key FROM {{ table "persons" }} s WHERE {{ if .Bounded }}s.person_key >= {{ arg .Lo }} AND s.person_key < {{ arg .Hi }} AND {{ end }}{{ template "compare" . }}
{{- end }}{{ end }}
{{- define "condition" }}
{{- if not .Field.Of }}{{ if eq .Op "is_null" }}NOT ({{ template "present" .Field }}){{ else }}{{ template "compare" . }}{{ end }}
{{- else if eq .Op "is_null" }}(e.{{ ident .Field.Column }} IS NULL OR e.{{ ident .Field.Column }} NOT IN ({{ template "keys" . }}))
{{- else }}e.{{ ident .Field.Column }} IN ({{ template "keys" . }})
{{- end }}{{ end }}
SELECT e.{{ .Unit }} AS unit, e.occurred_at, e.event_key
{{- range $i, $m := .Masks }},
       0{{ range $m }} + CASE WHEN {{ template "condition" . }} THEN {{ .Weight }} ELSE 0 END{{ end }} AS conditions{{ $i }}
{{- end }}
{{- range $i, $j := .Judged }},
       {{ json "e.properties" $j.Field.Prop }} AS judged{{ $i }}
{{- end }}
{{- range $i, $h := .Hold }},
       {{ if $h.Prop }}{{ json "e.properties" $h.Prop }}{{ else }}e.{{ ident $h.Column }}{{ end }} AS held{{ $i }}
{{- end }}
{{- if .By }},
       {{ if .By.Of }}e.{{ ident .By.Column }}{{ else }}{{ template "value" .By }}{{ end }} AS value
{{- end }}
{{- if .Money }},
       e.value_minor
{{- end }}
FROM   {{ table .Table }} e
WHERE  {{ if .UnitKeys }}e.{{ .Unit }} >= {{ arg .Lo }} AND e.{{ .Unit }} < {{ arg .Hi }}{{ else }}e.{{ .Unit }} IS NOT NULL{{ end }}
{{- if not .Ticks }}
  AND  e.occurred_at < {{ arg .AsOf }}
{{- else if .End }}
  AND  e.occurred_at <= {{ arg .End }}
{{- end }}
{{- if .DropLate }}
  AND (e.received_at IS NULL OR e.received_at < {{ arg .AsOf }})
{{- end }}
{{- if .Keys }}
  AND  {{ keyin "e.event_key" .Keys }}
{{- end }}
{{- if .Left }}
  AND  e.{{ .Unit }} IN ({{ include "left" .Left }})
{{- end }}
{{- if not .Clustered }}
ORDER  BY e.{{ .Unit }}, e.occurred_at{{ if .Money }}, e.event_id, e.source{{ end }}
{{- end }}
