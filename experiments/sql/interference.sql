-- experiments/interference: persons that the units of more than one arm may have touched.
-- grain   one row
-- reads   the tables of experiments/units, event_facts
-- params  those of experiments/units, window (elapsed, inclusive)
-- nulls   none: counts
-- money   none
-- A unit touches another person through an event of that person which names it, within the window of its first exposure. own is
-- the arm into which a touched person was randomised as a unit of the same experiment.
WITH units AS (
{{ include "units" . }}
),
touched AS (
  SELECT t.person_key, min(t.arm) AS arm, max(t.arm) AS other_arm
  FROM  (SELECT e.person_key, u.arm, {{ micros "e.occurred_at" }} - u.first_us AS age
         FROM   units AS u
         JOIN   {{ table "event_facts" }} AS e ON e.{{ if eq .Key "partner_key" }}partner_key = u.unit_key{{ else }}referrer_key = u.unit_key AND e.person_key <> u.unit_key{{ end }}
         WHERE  u.status = 'analysed' AND e.occurred_at < {{ arg .AsOf }}) AS t
  WHERE  t.age >= 0{{ if .Latest }} AND t.age <= {{ .Latest }}{{ end }}
  GROUP  BY t.person_key
)
SELECT count(*) AS referees,
       count(*) FILTER (WHERE t.arm <> t.other_arm) AS two_arms,
{{- if eq .Key "partner_key" }}
       CAST(0 AS BIGINT) AS randomised, CAST(0 AS BIGINT) AS cross_arm,
       count(*) FILTER (WHERE t.arm <> t.other_arm) AS affected
FROM   touched AS t
{{- else }}
       count(own.arm) AS randomised,
       count(*) FILTER (WHERE own.arm <> t.arm OR own.arm <> t.other_arm) AS cross_arm,
       count(*) FILTER (WHERE t.arm <> t.other_arm OR own.arm <> t.arm) AS affected
FROM   touched AS t
LEFT   JOIN units AS own ON own.unit_key = t.person_key AND own.status = 'analysed'
{{- end }}
