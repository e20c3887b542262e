-- ingest/view_events_all: every good row with the reason it is not analysed, NULL if it is.
-- grain   one delivered event     reads  event_facts, event_excluded and the dictionaries
-- params  none     nulls  as in the facts     money  as in events
CREATE OR REPLACE VIEW events_all AS
SELECT f.event_id, f.source, p.person_id, n.event, f.occurred_at, f.received_at, r.person_id AS referrer_id, f.referral_code,
       k.partner_id, f.channel, f.campaign, f.order_id, f.amount_minor, f.currency, f.status, f.properties, f.bucket,
       f.batch_id, f.day, f.value_minor, f.reason
FROM   (SELECT person_key, event_key, partner_key, occurred_at, received_at, day, event_id, source, referrer_key, referral_code,
               channel, campaign, order_id, amount_minor, currency, value_minor, status, properties, bucket, batch_id,
               CAST(NULL AS VARCHAR) AS reason FROM event_facts
        UNION ALL
        SELECT person_key, event_key, partner_key, occurred_at, received_at, day, event_id, source, referrer_key, referral_code,
               channel, campaign, order_id, amount_minor, currency, value_minor, status, properties, bucket, batch_id,
               reason FROM event_excluded) AS f
JOIN   persons AS p ON p.person_key = f.person_key
JOIN   event_names AS n ON n.event_key = f.event_key
LEFT   JOIN persons AS r ON r.person_key = f.referrer_key
LEFT   JOIN partner_keys AS k ON k.partner_key = f.partner_key
