-- cohorts/sizes: customers by cohort, group and period of acquisition in units of age.
-- grain   one row per (cohort, group, period)      reads  persons, acquisition_facts, partners, event_facts
-- params  as of (UTC, exclusive)           money  none
-- nulls   group_key NULL = customers without one
WITH people AS (
       SELECT p.person_key, p.acquired_at,
              {{ .Cohort }} AS cohort,
              {{ .Born }} AS born,
              {{ .Key }} AS group_key
       FROM   {{ table "persons" }} AS p
{{- if .ByPartner }}
       LEFT   JOIN (
              SELECT person_key, partner_key,
                     row_number() OVER (PARTITION BY person_key ORDER BY weight DESC, partner_key) AS n
              FROM   {{ table "acquisition_facts" }}
       ) AS a ON a.person_key = p.person_key AND a.n = 1
       LEFT   JOIN {{ table "partner_keys" }} AS k ON k.partner_key = a.partner_key
       LEFT   JOIN {{ table "partners" }} AS t ON t.partner_id = k.partner_id
{{- end }}
{{- if .ByEvent }}
       LEFT   JOIN (
              SELECT f.person_key, f.{{ ident .ByEvent }} AS label,
                     row_number() OVER (PARTITION BY f.person_key ORDER BY f.occurred_at, f.event_id, f.source) AS n
              FROM   {{ table "event_facts" }} AS f
              JOIN   {{ table "persons" }} AS h ON h.person_key = f.person_key
              WHERE  f.{{ ident .ByEvent }} IS NOT NULL AND f.occurred_at <= h.acquired_at
       ) AS l ON l.person_key = p.person_key AND l.n = 1
{{- end }}
       WHERE  p.acquired_at < {{ arg .AsOf }}
)
SELECT cohort, group_key, born, count(*) AS customers
FROM   people
GROUP  BY cohort, group_key, born
ORDER  BY cohort, group_key, born
