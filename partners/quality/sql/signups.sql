-- quality/signups: sign-ups of each partner by local day.
-- grain   one row per (partner, day with sign-ups)      reads  event_facts, event_names, partner_keys
-- params  sign-up event, as of (UTC, exclusive)         money  none
-- nulls   sign-ups without a partner are left out
SELECT k.partner_id, {{ days "DATE '1970-01-01'" "e.day" }} AS day, count(DISTINCT e.person_key) AS signups
FROM   {{ table "event_facts" }} AS e
JOIN   {{ table "event_names" }} AS n ON n.event_key = e.event_key
JOIN   {{ table "partner_keys" }} AS k ON k.partner_key = e.partner_key
WHERE  n.event = {{ arg .Signup }} AND e.occurred_at < {{ arg .AsOf }}
GROUP  BY k.partner_id, {{ days "DATE '1970-01-01'" "e.day" }}
ORDER  BY k.partner_id, day
