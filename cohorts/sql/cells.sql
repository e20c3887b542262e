-- cohorts/cells: activity and money of each cohort at each age.
-- grain   one row per (cohort, group, age) with events      reads  event_facts, persons, acquisition_facts, partners, event_names
-- params  activity events, as of (UTC, exclusive), horizon
-- nulls   group_key NULL = customers without one; value NULL counts as none
-- money   value: minor units, project currency; squares: the growth of the sum over customers of the
--         square of their cumulative value, from which Go finishes the variance
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
),
ages AS (
       SELECT q.person_key, q.cohort, q.group_key,
              {{ .Happened }} - q.born AS age,
              count(v.event_key) AS activity,
              sum(CASE WHEN e.value_minor IS NULL THEN {{ exact "0" }} ELSE {{ exact "e.value_minor" }} END) AS value
       FROM   {{ table "event_facts" }} AS e
       JOIN   people AS q ON q.person_key = e.person_key
       LEFT   JOIN (
              SELECT event_key
              FROM   {{ table "event_names" }}
              WHERE  event IN ({{ range $i, $n := .Activity }}{{ if $i }}, {{ end }}{{ arg $n }}{{ end }})
       ) AS v ON v.event_key = e.event_key
       WHERE  e.occurred_at >= q.acquired_at AND e.occurred_at < {{ arg .AsOf }}
         AND  (e.value_minor IS NOT NULL OR v.event_key IS NOT NULL)
       GROUP  BY q.person_key, q.cohort, q.group_key, {{ .Happened }} - q.born
),
-- Two DECIMAL(18,0) multiply into DECIMAL(18,0) on DuckDB; 19 digits multiply into 38.
running AS (
       SELECT cohort, group_key, age, activity, value,
              CAST(sum(value) OVER (PARTITION BY person_key ORDER BY age
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS DECIMAL(19,0)) AS after_age,
              CAST(sum(value) OVER (PARTITION BY person_key ORDER BY age
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - value AS DECIMAL(19,0)) AS before_age
       FROM   ages
)
SELECT cohort, group_key, age,
       count(CASE WHEN activity > 0 THEN 1 END) AS retained,
       CAST(sum(activity) AS BIGINT) AS events,
       CAST(sum(value) AS VARCHAR) AS value,
       CAST(sum(after_age * after_age - before_age * before_age) AS VARCHAR) AS squares
FROM   running
WHERE  age <= {{ arg .Last }}
GROUP  BY cohort, group_key, age
ORDER  BY cohort, group_key, age
