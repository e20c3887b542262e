-- funnel/ids: the ids behind the keys of units, in the order in which units are listed.
-- grain   one row per key            reads  persons or partner_keys
-- params  which of them              nulls  none      money  none
SELECT CAST({{ if eq . "persons" }}person_key{{ else }}partner_key{{ end }} AS BIGINT) AS id,
       {{ if eq . "persons" }}person_id{{ else }}partner_id{{ end }} AS label
FROM   {{ table . }}
ORDER  BY label, id
