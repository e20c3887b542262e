-- ingest/facts: events coded by the dictionaries; analysed ones in the order of person-ordered streams,
-- excluded ones in the order of loading.
-- grain   one row per event       reads  ingest_events and the dictionaries
-- params  types, day and value expressions, which rows: analysed or excluded
-- nulls   referrer and partner NULL: the event names none; value NULL: no amount, no rate, or no money event
-- money   amount_minor as sent; value_minor in the project's currency, negative for refunds
CREATE OR REPLACE TABLE {{.Table}} AS
SELECT p.person_key, n.event_key, k.partner_key, e.occurred_at, e.received_at, {{.Day}} AS day,
       e.event_id, e.source, r.person_key AS referrer_key, e.referral_code, e.channel, e.campaign, e.order_id,
       e.amount_minor, e.currency, {{.Value}} AS value_minor, e.status, e.properties, b.bucket, e.batch_id{{if .Excluded}},
       {{.Reason}} AS reason{{end}},
       {{if .Aliased}}pa.alias_key{{else}}CAST(NULL AS INTEGER){{end}} AS person_alias, {{if .Aliased}}ra.alias_key{{else}}CAST(NULL AS INTEGER){{end}} AS referrer_alias
FROM   ingest_events AS e
JOIN   ingest_person_ids AS p ON p.raw_id = e.person_id
JOIN   ingest_buckets AS b ON b.person_key = p.person_key
JOIN   event_names AS n ON n.event = e.event
LEFT   JOIN ingest_person_ids AS r ON r.raw_id = e.referrer_id
LEFT   JOIN partner_keys AS k ON k.partner_id = e.partner_id
{{if .Foreign}}LEFT JOIN ingest_fx AS f ON f.currency = e.currency AND f.day = {{.Day}}
{{end}}{{if .Aliased}}LEFT JOIN person_aliases AS pa ON pa.alias = e.person_id
LEFT   JOIN person_aliases AS ra ON ra.alias = e.referrer_id
{{end}}{{if .Superseded}}LEFT JOIN ingest_superseded AS s ON s.id = e.rowid
{{end}}{{if .Flagged}}LEFT JOIN ingest_excluded_persons AS x ON x.person_key = p.person_key
{{end}}WHERE  {{.Where}}
ORDER  BY {{if .Excluded}}e.batch_id, e.rowid{{else}}p.person_key, e.occurred_at, e.event_id, e.source{{end}}
