-- ingest/view_events: analysed events under the contract's column names, for people and checks.
-- grain   one analysed event     reads  event_facts and the dictionaries
-- params  none     nulls  as in the facts     money  amount_minor as sent, value_minor in the project's currency
CREATE OR REPLACE VIEW events AS
SELECT f.event_id, f.source, p.person_id, n.event, f.occurred_at, f.received_at, r.person_id AS referrer_id, f.referral_code,
       k.partner_id, f.channel, f.campaign, f.order_id, f.amount_minor, f.currency, f.status, f.properties, f.bucket,
       f.batch_id, f.day, f.value_minor
FROM   event_facts AS f
JOIN   persons AS p ON p.person_key = f.person_key
JOIN   event_names AS n ON n.event_key = f.event_key
LEFT   JOIN persons AS r ON r.person_key = f.referrer_key
LEFT   JOIN partner_keys AS k ON k.partner_key = f.partner_key
