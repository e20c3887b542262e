-- ingest/restage: coded events back as a source wrote them.
-- grain   one row per event     reads  event_facts or event_excluded, the dictionaries
-- params  the table, and the condition on batches whose rows are not wanted any more
-- nulls   as in the facts       money  as sent
INSERT INTO ingest_events BY NAME
SELECT f.event_id, coalesce(pa.alias, p.person_id) AS person_id, n.event, f.occurred_at, f.received_at,
       coalesce(ra.alias, r.person_id) AS referrer_id, f.referral_code, k.partner_id, f.channel, f.campaign, f.order_id,
       f.amount_minor, f.currency, f.status, f.properties, f.source, f.batch_id, false AS bad
FROM   {{.Table}} AS f
JOIN   persons AS p ON p.person_key = f.person_key
JOIN   event_names AS n ON n.event_key = f.event_key
LEFT   JOIN persons AS r ON r.person_key = f.referrer_key
LEFT   JOIN partner_keys AS k ON k.partner_key = f.partner_key
LEFT   JOIN person_aliases AS pa ON pa.alias_key = f.person_alias
LEFT   JOIN person_aliases AS ra ON ra.alias_key = f.referrer_alias
WHERE  NOT ({{.Gone}})
ORDER  BY f.rowid
