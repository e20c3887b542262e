-- ingest/facts: events coded by the dictionaries; analysed ones in the order of person-ordered streams,
-- excluded ones in the order of loading.
-- grain   one row per event       reads  ingest_events and the dictionaries
-- params  the columns to sort and those to add afterwards, the day, which rows: analysed or excluded
-- nulls   referrer and partner NULL: the event names none; value NULL: no amount, no rate, or no money event
-- money   amount_minor as sent; value_minor in the project's currency, negative for refunds
-- Only columns with values are carried through the sort; what is constant or follows from another
-- column is added to the sorted rows.
CREATE OR REPLACE TABLE {{.Table}} AS
SELECT {{.Outer}}
FROM  (SELECT {{.Inner}}
       FROM   ingest_events AS e
       JOIN   ingest_person_ids AS p ON p.raw_id = e.person_id
       JOIN   event_names AS n ON n.event = e.event
{{if .Referred}}       LEFT   JOIN ingest_person_ids AS r ON r.raw_id = e.referrer_id
{{end}}{{if .Partnered}}       LEFT   JOIN partner_keys AS k ON k.partner_id = e.partner_id
{{end}}{{if .Foreign}}       LEFT   JOIN ingest_fx AS f ON f.currency = e.currency AND f.day = {{.Day}}
{{end}}{{if .Aliased}}       LEFT   JOIN person_aliases AS pa ON pa.alias = e.person_id
       LEFT   JOIN person_aliases AS ra ON ra.alias = e.referrer_id
{{end}}{{if .Superseded}}       LEFT   JOIN ingest_superseded AS s ON s.id = e.rowid
{{end}}{{if .Flagged}}       LEFT   JOIN ingest_excluded_persons AS x ON x.person_key = p.person_key
{{end}}       WHERE  {{.Where}}
       ORDER  BY {{if .Excluded}}e.batch_id, e.rowid{{else}}p.person_key, e.occurred_at, e.event_id{{if .Source}}, e.source{{end}}{{end}})
