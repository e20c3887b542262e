-- experiments/measured: one row per unit with the variables of its metrics, as the common tables units and measured
-- (with limited: the same with capped values) for the statements that include this one.
-- grain   one row per unit         reads  units, event_facts, event_names, persons, costs
-- params  events with their conditions, periods around first exposure, as_of, the definition's unit
-- nulls   a unit without events has zeros; a value without a currency rate adds nothing
-- money   minor units of the project's currency
-- Every tally counts or adds up events of a metric in a period around the unit's first exposure; metrics that ask the same share a tally.
{{ include "sources" . }},
{{- if and .Money (ne .Unit "person") }}
customers AS (
  SELECT u.unit_key, count(*) AS customers
  FROM   units AS u
{{- if .Attribute }}
  JOIN   members AS a ON a.unit_key = u.unit_key
{{- else if eq .Unit "referrer" }}
  JOIN  (SELECT p.referrer_key AS unit_key, {{ micros "p.acquired_at" }} AS acquired_us FROM {{ table "persons" }} AS p) AS a ON a.unit_key = u.unit_key
{{- else }}
  JOIN  (SELECT DISTINCT e.partner_key AS unit_key, e.person_key, {{ micros "p.acquired_at" }} AS acquired_us
         FROM   {{ table "event_facts" }} AS e
         JOIN   {{ table "event_names" }} AS n ON n.event_key = e.event_key AND n.event = {{ arg .Acquisition }}
         JOIN   {{ table "persons" }} AS p ON p.person_key = e.person_key AND p.acquired_at = e.occurred_at) AS a ON a.unit_key = u.unit_key
{{- end }}
  WHERE  u.status = 'analysed' AND a.acquired_us >= u.first_us AND a.acquired_us < {{ arg .AsOfMicros }}{{ if .Money.To }} AND a.acquired_us - u.first_us <= {{ .Money.To }}{{ end }}
  GROUP  BY u.unit_key
),
{{- end }}
{{- if and .Money (eq .Unit "partner") }}
commissions AS (
  SELECT c.unit_key, sum({{ exact "c.value_minor" }}) AS commission
  FROM  (SELECT u.unit_key, x.value_minor, {{ days "DATE '1970-01-01'" "x.day" }} * 86400000000 - u.day_us AS age
         FROM   units AS u
         JOIN   {{ table "partner_keys" }} AS k ON k.partner_key = u.unit_key
         JOIN   {{ table "costs" }} AS x ON x.partner_id = k.partner_id
         WHERE  u.status = 'analysed' AND x.kind = 'commission' AND x.day < CAST({{ arg .Today }} AS DATE)) AS c
  WHERE  c.age >= 0{{ if .Money.To }} AND c.age <= {{ .Money.To }}{{ end }}
  GROUP  BY c.unit_key
),
{{- end }}
outcomes AS (
  SELECT e.unit_key
{{- range .Tallies }},
         {{ template "tally" . }} AS {{ .Column }}
{{- end }}
  FROM  ({{ include "happened" . }}) AS e
{{- if .Early }}
  WHERE  (e.since >= 0{{ if .Before }} OR e.age >= {{ .Before }}{{ end }}){{ if .Latest }} AND e.age <= {{ .Latest }}{{ end }}
{{- else if .Latest }}
  WHERE  e.age <= {{ .Latest }}
{{- end }}
  GROUP  BY e.unit_key
),
measured AS (
  SELECT u.status, u.arm, u.stratum, u.day_us, u.closed, u.first_us, u.sightings, u.unknown, u.known
{{- range .Tallies }}{{ if .Kept }},
         {{ if eq .Of "first" }}o.{{ .Column }}{{ else }}COALESCE(o.{{ .Column }}, 0){{ end }} AS {{ .Column }}
{{- end }}{{ end }}
{{- if .Money }},
         CASE WHEN o.{{ .Money.Tally }} IS NULL THEN 0 ELSE 1 END AS with_money
{{- end }}
{{- range .Variables }},
         {{ template "variable" . }} AS {{ .Column }}
{{- end }}
  FROM   units AS u
  LEFT   JOIN outcomes AS o ON o.unit_key = u.unit_key
{{- if and .Money (ne .Unit "person") }}
  LEFT   JOIN customers AS a ON a.unit_key = u.unit_key
{{- end }}
{{- if and .Money (eq .Unit "partner") }}
  LEFT   JOIN commissions AS c ON c.unit_key = u.unit_key
{{- end }}
)
{{- define "within" }}{{ if .Selector }}{{ template "hit" .Selector }} AND {{ end }}{{ if .From }}e.age >= {{ .From }} AND {{ end }}e.age {{ if .Before }}< 0{{ else }}>= 0{{ if .To }} AND e.age <= {{ .To }}{{ end }}{{ end }}{{ end }}
{{- define "hit" }}{{ if .Where }}e.hit_{{ .Index }} = 1{{ else }}e.code = {{ .Code }}{{ end }}{{ end }}
{{- define "tally" }}
{{- if eq .Of "count" }}count(*) FILTER (WHERE {{ template "within" . }})
{{- else if eq .Of "valueless" }}count(*) FILTER (WHERE {{ template "within" . }} AND e.value_minor IS NULL)
{{- else if eq .Of "valued" }}count(e.value_minor) FILTER (WHERE {{ template "within" . }})
{{- else if eq .Of "sum" }}sum(e.value_minor) FILTER (WHERE {{ template "within" . }})
{{- else if eq .Of "first" }}min(e.age) FILTER (WHERE {{ template "within" . }})
{{- else }}count(*) FILTER (WHERE e.age < 0 AND e.since >= 0 AND ({{ range $i, $s := .Any }}{{ if $i }} OR {{ end }}{{ template "hit" $s }}{{ end }}))
{{- end }}{{ end }}
{{- define "variable" }}
{{- if eq .Kind "indicator" }}CASE WHEN o.{{ .Tally }} > 0 THEN 1 ELSE 0 END
{{- else if eq .Kind "count" }}COALESCE(o.{{ .Tally }}, 0)
{{- else if eq .Kind "amount" }}{{ wide (print "COALESCE(o." .Tally ", 0)") }}
{{- else if eq .Kind "acquired" }}CASE WHEN u.acquired_us >= u.first_us AND u.acquired_us < {{ arg .AsOf }}{{ if .To }} AND u.acquired_us - u.first_us <= {{ .To }}{{ end }} THEN 1 ELSE 0 END
{{- else if eq .Kind "customers" }}COALESCE(a.customers, 0)
{{- else }}{{ wide "COALESCE(c.commission, 0)" }}
{{- end }}{{ end }}
