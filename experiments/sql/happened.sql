-- experiments/happened: the events of the analysed units, each with its time since the unit's first exposure.
-- grain   one row per (unit, event)      reads  the tables of experiments/sources, event_facts, persons, partner_keys
-- params  as_of (UTC, exclusive), events with their conditions
-- nulls   value_minor NULL: no amount, or one without a currency rate      money  minor units of the project's currency
-- An event is one of a metric if its code is that of the metric's event and its conditions hold. The code is the key of the
-- event where the keys are known beforehand, else a number given by the table names.
SELECT u.unit_key, u.arm, u.closed, {{ template "code" . }} AS code, e.value_minor, {{ micros "e.occurred_at" }} - u.first_us AS age
{{- if .Early }}, {{ micros "e.occurred_at" }} - b.us AS since{{ end }}
{{- range $i, $s := .Selectors }}{{ if .Where }},
         CASE WHEN {{ template "code" $ }} = {{ .Code }}{{ range .Where }} AND {{ template "field" . }} = {{ template "value" . }}{{ end }} THEN 1 ELSE 0 END AS hit_{{ $i }}
{{- end }}{{ end }}
  FROM   units AS u
{{- if .Early }}
  CROSS  JOIN (SELECT min(first_us) AS us FROM units WHERE status = 'analysed') AS b
{{- end }}
{{- if .Attribute }}
  JOIN   members AS m ON m.unit_key = u.unit_key
  JOIN   {{ table "event_facts" }} AS e ON e.person_key = m.person_key
{{- else if eq .Unit "referrer" }}
  JOIN   {{ table "persons" }} AS p ON p.referrer_key = u.unit_key
  JOIN   {{ table "event_facts" }} AS e ON e.person_key = p.person_key
{{- else }}
  JOIN   {{ table "event_facts" }} AS e ON e.{{ .Key }} = u.unit_key
{{- end }}
{{- if not .Keyed }}
  JOIN   names AS n ON n.event_key = e.event_key
{{- end }}
  WHERE  u.status = 'analysed' AND e.occurred_at < {{ arg .AsOf }}
    AND  ({{ if .Money }}e.value_minor IS NOT NULL OR {{ end }}{{ if .Keyed }}{{ keyin "e.event_key" .Keys }}{{ else }}n.code IS NOT NULL{{ end }})
{{- define "field" }}{{ if .Property }}{{ prop "e.properties" .Property }}{{ else if eq .Column "partner_id" }}e.partner_key{{ else }}e.{{ ident .Column }}{{ end }}{{ end }}
{{- define "value" }}{{ if eq .Column "partner_id" }}(SELECT partner_key FROM {{ table "partner_keys" }} WHERE partner_id = {{ arg .Text }}){{ else }}{{ arg .Text }}{{ end }}{{ end }}
{{- define "code" }}{{ if .Keyed }}e.event_key{{ else }}n.code{{ end }}{{ end }}
