-- funnel/labels: the texts behind keys: ids and segments of partners, ids of those who referred,
-- attributes of persons.
-- grain   one row per key            reads  partner_keys, partners, persons, event_facts
-- params  which of them; the name of an attribute
-- nulls   a key without a text has no row                money  none
{{- if eq .Of "partner" }}
{{- if eq .Name "partner_id" }}
SELECT CAST(k.partner_key AS BIGINT) AS id, k.partner_id AS label
FROM   {{ table "partner_keys" }} k
{{- else }}
SELECT CAST(k.partner_key AS BIGINT) AS id, s.{{ ident .Name }} AS label
FROM   {{ table "partner_keys" }} k JOIN {{ table "partners" }} s ON s.partner_id = k.partner_id
WHERE  s.{{ ident .Name }} IS NOT NULL
{{- end }}
{{- else if eq .Of "referrer" }}
SELECT CAST(s.person_key AS BIGINT) AS id, s.person_id AS label
FROM   {{ table "persons" }} s
WHERE  s.person_key IN (SELECT e.referrer_key FROM {{ table "event_facts" }} e)
{{- else }}
SELECT a.id, a.label
FROM  (SELECT CAST(s.person_key AS BIGINT) AS id, {{ prop "s.attributes" .Name }} AS label
       FROM   {{ table "persons" }} s
       WHERE  s.attributes IS NOT NULL) a
WHERE  a.label IS NOT NULL
{{- end }}
ORDER  BY id
