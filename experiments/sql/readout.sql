-- experiments/readout: exact sums per variant over the randomised units of one experiment.
-- grain   one row per (status, variant) of units
-- reads   exposures, identities, persons or partner_keys, event_facts, event_names
-- params  experiment, variants, as_of (UTC, exclusive), window (elapsed, inclusive), events, properties
-- nulls   a unit without events counts as zeros; a value without a currency rate is not added, but counted
-- money   minor units of the project's currency; net in millionths of them
WITH sightings AS (
  SELECT {{ if .ByPerson }}COALESCE(i.person_id, s.unit_id){{ else }}s.unit_id{{ end }} AS unit_id, s.variant, s.exposed_at,
         CASE WHEN s.variant IN ({{ range $i, $v := .Variants }}{{ if $i }}, {{ end }}{{ arg $v.Name }}{{ end }}) THEN 1 ELSE 0 END AS known
  FROM   {{ table "exposures" }} AS s
{{- if .ByPerson }}
  LEFT   JOIN {{ table "identities" }} AS i ON i.alias = s.unit_id
{{- end }}
  WHERE  s.experiment = {{ arg .Name }} AND s.exposed_at < {{ arg .AsOf }}
),
units AS (
  SELECT unit_id, count(*) AS sightings, count(*) FILTER (WHERE known = 0) AS unknown,
         min(variant) FILTER (WHERE known = 1) AS variant,
         max(variant) FILTER (WHERE known = 1) AS other_variant,
         min(exposed_at) FILTER (WHERE known = 1) AS first_at
  FROM   sightings
  GROUP  BY unit_id
),
keyed AS (
  SELECT u.unit_id, u.sightings, u.unknown, u.variant, u.first_at, k.{{ .Key }} AS unit_key,
         CASE WHEN u.variant IS NULL THEN 'unknown'
              WHEN u.variant <> u.other_variant THEN 'mixed'
{{- if .ByPerson }}
              WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 'excluded'
{{- end }}
              ELSE 'analysed' END AS status,
{{- if .Window }}
         CASE WHEN u.first_at + {{ interval .Window }} <= {{ arg .AsOf }} THEN 1 ELSE 0 END AS mature
{{- else }}
         1 AS mature
{{- end }}
  FROM   units AS u
  LEFT   JOIN {{ table .KeyTable }} AS k ON k.{{ .KeyID }} = u.unit_id
),
outcomes AS (
  SELECT u.unit_id,
{{- range $i, $m := .Metrics }}
{{- if $m.IsAmount }}
         sum({{ exact "e.value_minor" }}) FILTER (WHERE {{ template "match" $m }}) AS value_{{ $i }},
         count(*) FILTER (WHERE {{ template "match" $m }} AND e.value_minor IS NULL) AS valueless_{{ $i }},
{{- else }}
         count(*) FILTER (WHERE {{ template "match" $m }}) AS events_{{ $i }},
{{- end }}
{{- end }}
         sum({{ exact "e.value_minor" }}) AS money,
         count(DISTINCT p.person_key) FILTER (WHERE n.event = {{ arg .Acquisition }} AND e.occurred_at = p.acquired_at) AS acquired
  FROM   keyed AS u
{{- if eq .Unit "partner" }}
  JOIN   {{ table "event_facts" }} AS e ON e.partner_key = u.unit_key
  JOIN   {{ table "persons" }} AS p ON p.person_key = e.person_key
{{- else if eq .Unit "referrer" }}
  JOIN   {{ table "persons" }} AS p ON p.referrer_key = u.unit_key
  JOIN   {{ table "event_facts" }} AS e ON e.person_key = p.person_key
{{- else }}
  JOIN   {{ table "persons" }} AS p ON p.person_key = u.unit_key
  JOIN   {{ table "event_facts" }} AS e ON e.person_key = p.person_key
{{- end }}
  JOIN   {{ table "event_names" }} AS n ON n.event_key = e.event_key
  WHERE  u.status = 'analysed' AND u.mature = 1
    AND  e.occurred_at >= u.first_at AND e.occurred_at < {{ arg .AsOf }}
{{- if .Window }}
    AND  e.occurred_at <= u.first_at + {{ interval .Window }}
{{- end }}
    AND  (e.value_minor IS NOT NULL OR n.event IN ({{ range $i, $v := .Events }}{{ if $i }}, {{ end }}{{ arg $v }}{{ end }}))
  GROUP  BY u.unit_id
),
measured AS (
  SELECT u.status, CASE WHEN u.status IN ('analysed', 'excluded') THEN u.variant END AS variant,
         u.sightings, u.unknown, u.mature, u.first_at,
{{- range $i, $m := .Metrics }}
         CAST({{ if eq $m.Kind "proportion" }}CASE WHEN o.events_{{ $i }} > 0 THEN 1 ELSE 0 END{{ else if $m.IsAmount }}COALESCE(o.value_{{ $i }}, 0){{ else }}COALESCE(o.events_{{ $i }}, 0){{ end }} AS DECIMAL(19,0)) AS y_{{ $i }},
         {{ if $m.IsAmount }}COALESCE(o.valueless_{{ $i }}, 0){{ else }}0{{ end }} AS valueless_{{ $i }},
{{- end }}
         CASE WHEN o.money IS NULL THEN 0 ELSE 1 END AS with_money,
         CAST(CAST({{ arg .Margin }} AS DECIMAL(19,0)) * COALESCE(o.money, 0) AS DECIMAL(19,0)) AS contribution,
         CAST(CASE u.variant{{ range .Variants }} WHEN {{ arg .Name }} THEN CAST({{ arg .RewardMicros }} AS DECIMAL(19,0)){{ end }} END * COALESCE(o.acquired, 0) AS DECIMAL(19,0)) AS rewards,
         CAST(0 AS DECIMAL(19,0)) AS commission,
         CAST(1000000 * COALESCE(o.acquired, 0) AS DECIMAL(19,0)) AS customers
  FROM   keyed AS u
  LEFT   JOIN outcomes AS o ON o.unit_id = u.unit_id
)
SELECT status, variant, count(*) AS units, CAST(sum(sightings) AS BIGINT) AS sightings, CAST(sum(unknown) AS BIGINT) AS unknown,
       CAST(sum(mature) AS BIGINT) AS mature, min({{ micros "first_at" }}) AS from_us, max({{ micros "first_at" }}) AS to_us,
{{- range $i, $m := .Metrics }}
       CAST(sum(valueless_{{ $i }}) AS BIGINT) AS valueless_{{ $i }},
{{- end }}
{{- range .Sums }}
       CAST(sum({{ .First }}{{ if .Second }} * {{ .Second }}{{ end }}) FILTER (WHERE mature = 1) AS VARCHAR) AS {{ .Name }},
{{- end }}
       CAST(sum(with_money) AS BIGINT) AS with_money
FROM   measured
GROUP  BY status, variant
ORDER  BY status, variant
{{- define "match" }}n.event = {{ arg .Event }}{{ range .Where }} AND {{ if .Property }}{{ prop "e.properties" .Property }}{{ else if eq .Column "partner_id" }}e.partner_key{{ else }}e.{{ ident .Column }}{{ end }} = {{ if eq .Column "partner_id" }}(SELECT partner_key FROM {{ table "partner_keys" }} WHERE partner_id = {{ arg .Text }}){{ else }}{{ arg .Text }}{{ end }}{{ end }}{{ end }}
