-- experiments/units: the units of one experiment, each once, as of its first exposure to a variant of the plan.
-- grain   one row per unit, put aside or not    reads  exposures, identities, persons or partner_keys
-- params  experiment, variants, as_of (UTC, exclusive), windows (elapsed, inclusive), zone, strata
-- nulls   unit_key NULL: nothing else is known of the unit, whose id is then in stranger; stratum '' = unknown
-- money   none
-- Times are microseconds since 1970. arm is the place of the variant in the plan. closed counts the windows, of
-- those the metrics have from short to long, that are over; a window is over when first_us + window ≤ as_of.
SELECT g.unit_key, g.stranger, g.sightings, g.unknown, g.arm, g.first_us, g.acquired_us, g.known,
       CASE WHEN g.arm IS NULL THEN 'unknown' WHEN g.arm <> g.other_arm THEN 'mixed' WHEN g.test = 1 THEN 'excluded' ELSE 'analysed' END AS status,
       {{ if .Strata }}COALESCE({{ if eq .Strata "stratum" }}substr(g.stratum, 20){{ else }}g.stratum{{ end }}, ''){{ else }}''{{ end }} AS stratum,
       {{ if .Closings }}CASE{{ range .Closings }} WHEN g.first_us <= {{ arg .At }} THEN {{ .Level }}{{ end }} ELSE 0 END{{ else }}0{{ end }} AS closed,
       {{ template "local" . }} - mod({{ template "local" . }}, 86400000000) AS day_us
FROM  (SELECT s.unit_key, s.stranger, count(*) AS sightings, count(*) - count(s.arm) AS unknown,
              min(s.arm) AS arm, max(s.arm) AS other_arm, min(CASE WHEN s.arm IS NOT NULL THEN s.at_us END) AS first_us,
              min(s.acquired_us) AS acquired_us, min(s.known) AS known, min(s.test) AS test
{{- if eq .Strata "stratum" }}, min(CASE WHEN s.arm IS NOT NULL THEN lpad(CAST(s.at_us AS VARCHAR), 19, '0') || COALESCE(s.stratum, '') END) AS stratum
{{- else if .Strata }}, min(s.stratum) AS stratum{{ end }}
       FROM  (SELECT {{ if .Attribute }}x.unit_id AS unit_key, CAST(NULL AS VARCHAR) AS stranger
{{- else }}k.{{ .Key }} AS unit_key, CASE WHEN k.{{ .Key }} IS NULL THEN {{ template "id" . }} END AS stranger{{ end }},
                     CASE x.variant{{ range $i, $v := .Variants }} WHEN {{ arg $v }} THEN {{ $i }}{{ end }} END AS arm,
                     {{ micros "x.exposed_at" }} AS at_us,
                     {{ if eq .Key "person_key" }}{{ micros "k.acquired_at" }}{{ else }}CAST(NULL AS BIGINT){{ end }} AS acquired_us,
                     CASE WHEN k.{{ .Key }} IS NULL THEN 0 ELSE 1 END AS known,
                     {{ if eq .Key "partner_key" }}0{{ else if .Attribute }}COALESCE(k.test, 0){{ else }}{{ template "test" }}{{ end }} AS test
{{- if eq .Strata "stratum" }},
                     x.stratum
{{- else if .Strata }},
                     {{ prop "k.attributes" .StrataName }} AS stratum
{{- end }}
              FROM   {{ table "exposures" }} AS x
{{- if .Attribute }}
              LEFT   JOIN (SELECT h.unit_key, min(h.test) AS test
                           FROM  (SELECT {{ prop "k.attributes" .Attribute }} AS unit_key, {{ template "test" }} AS test FROM {{ table "persons" }} AS k) AS h
                           WHERE  h.unit_key IS NOT NULL
                           GROUP  BY h.unit_key) AS k ON k.unit_key = x.unit_id
{{- else if eq .Key "partner_key" }}
              LEFT   JOIN {{ table "partner_keys" }} AS k ON k.partner_id = x.unit_id
{{- else }}
              LEFT   JOIN {{ table "identities" }} AS i ON i.alias = x.unit_id
              LEFT   JOIN {{ table "persons" }} AS k ON k.person_id = COALESCE(i.person_id, x.unit_id)
{{- end }}
              WHERE  x.experiment = {{ arg .Name }} AND x.exposed_at < {{ arg .AsOf }}) AS s
       GROUP  BY s.unit_key, s.stranger) AS g
{{- define "id" }}{{ if eq .Key "partner_key" }}x.unit_id{{ else }}COALESCE(i.person_id, x.unit_id){{ end }}{{ end }}
{{- define "test" }}CASE WHEN ',' || k.flags || ',' LIKE '%,internal,%' OR ',' || k.flags || ',' LIKE '%,bot,%' THEN 1 ELSE 0 END{{ end }}
{{- define "local" }}g.first_us{{ if .Offsets }} + CASE{{ range .Offsets }}{{ if .From }} WHEN g.first_us >= {{ .From }} THEN {{ .Micros }}{{ else }} ELSE {{ .Micros }}{{ end }}{{ end }} END{{ end }}{{ end }}
