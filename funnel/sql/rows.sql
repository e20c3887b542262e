-- funnel/rows: the events that can matter to a funnel, of a range of persons, in order within a person.
-- grain   one row per event          reads  event_facts, partner_keys
-- params  persons lo ≤ key < hi, as of (exclusive), event keys, conditions, held fields, breakdown
-- order   a clustered table is read as it lies: the reader checks the order and refuses any other
-- nulls   a held field or breakdown value NULL = missing, kept      money  value_minor as it stands
{{- define "field" }}{{ if .Prop }}{{ prop "e.properties" .Prop }}{{ else if eq .Column "partner_id" -}}
(SELECT k.partner_id FROM {{ table "partner_keys" }} k WHERE k.partner_key = e.partner_key)
{{- else }}e.{{ ident .Column }}{{ end }}{{ end }}
{{- define "type" }}json_type(e.properties, '/' || replace(replace({{ arg .Prop }}, '~', '~0'), '/', '~1')){{ end }}
{{- define "condition" }}
{{- if eq .Op "never" }}FALSE
{{- else if eq .Op "is_null" }}{{ template "field" .Field }} IS NULL
{{- else if eq .Op "not_null" }}{{ template "field" .Field }} IS NOT NULL
{{- else }}{{ if .Negate }}{{ template "field" .Field }} IS NOT NULL AND NOT ({{ end }}
{{- if .Types }}{{ template "type" .Field }} IN ({{ range $i, $t := .Types }}{{ if $i }}, {{ end }}{{ arg $t }}{{ end }}) AND {{ end }}
{{- if eq .Op "contains" }}strpos({{ template "field" .Field }}, {{ arg .Text }}) > 0
{{- else if .Number }}TRY_CAST({{ template "field" .Field }} AS DOUBLE) {{ .Op }} CAST({{ arg .Text }} AS DOUBLE)
{{- else }}{{ template "field" .Field }} {{ .Op }} {{ arg .Text }}{{ end }}
{{- if .Negate }}){{ end }}
{{- end }}{{ end }}
SELECT e.person_key, e.occurred_at, e.event_key
{{- range .Masks }},
       0{{ range . }} + CASE WHEN {{ template "condition" . }} THEN {{ .Weight }} ELSE 0 END{{ end }} AS conditions
{{- end }}
{{- range .Hold }},
       {{ if .Prop }}CAST(json_extract(e.properties, '/' || replace(replace({{ arg .Prop }}, '~', '~0'), '/', '~1')) AS VARCHAR){{ else }}e.{{ ident .Column }}{{ end }} AS held
{{- end }}
{{- if .By }},
       {{ template "field" .By }} AS value
{{- end }}
{{- if .Money }},
       e.value_minor
{{- end }}
FROM   {{ table "event_facts" }} e
WHERE  e.person_key >= {{ arg .Lo }} AND e.person_key < {{ arg .Hi }}
  AND  e.occurred_at < {{ arg .AsOf }}
{{- if .Keys }}
  AND  e.event_key IN ({{ range $i, $k := .Keys }}{{ if $i }}, {{ end }}{{ arg $k }}{{ end }})
{{- end }}
{{- if not .Clustered }}
ORDER  BY e.person_key, e.occurred_at{{ if .Money }}, e.event_id, e.source{{ end }}
{{- end }}
