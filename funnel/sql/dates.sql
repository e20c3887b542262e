-- funnel/dates: when each person was first seen or acquired, for cohorts.
-- grain   one row per person         reads  persons
-- params  which of the two; as of (exclusive)
-- nulls   a person without the date, or with one not before as of, has no row    money  none
SELECT CAST(s.person_key AS BIGINT) AS id, s.{{ if eq .Of "cohort" }}first_seen{{ else }}acquired_at{{ end }} AS at
FROM   {{ table "persons" }} s
WHERE  s.{{ if eq .Of "cohort" }}first_seen{{ else }}acquired_at{{ end }} < {{ arg .AsOf }}
ORDER  BY id
