-- quality/excluded
-- quality/excluded: persons whose events ingest kept out of analyses.
-- grain   one row per (person, reason)     reads  event_excluded, persons
-- params  as of (UTC, exclusive)           money  none
SELECT p.person_id, x.reason, count(*) AS events, min(x.occurred_at) AS since
FROM   "event_excluded" AS x
JOIN   "persons" AS p ON p.person_key = x.person_key
WHERE  x.reason IN ('self_referral', 'bot') AND x.occurred_at < CAST(? AS TIMESTAMP(6))
GROUP  BY p.person_id, x.reason
ORDER  BY p.person_id, x.reason
-- arguments: [2026-11-16 23:00:00.000000]

-- quality/rings
-- quality/rings: cycles of two or three persons who referred each other.
-- grain   one row per member; third is NULL in a cycle of two      reads  persons
-- params  as of (UTC, exclusive)           money  none
SELECT a.person_id AS person_id, b.person_id AS referrer, CAST(NULL AS VARCHAR) AS third,
       greatest(a.first_seen, b.first_seen) AS since
FROM   "persons" AS a
JOIN   "persons" AS b ON b.person_key = a.referrer_key
WHERE  b.referrer_key = a.person_key AND a.person_key <> b.person_key
  AND  a.first_seen < CAST(? AS TIMESTAMP(6)) AND b.first_seen < CAST(? AS TIMESTAMP(6))
UNION  ALL
SELECT a.person_id, b.person_id, c.person_id, greatest(a.first_seen, b.first_seen, c.first_seen)
FROM   "persons" AS a
JOIN   "persons" AS b ON b.person_key = a.referrer_key
JOIN   "persons" AS c ON c.person_key = b.referrer_key
WHERE  c.referrer_key = a.person_key
  AND  a.person_key <> b.person_key AND b.person_key <> c.person_key AND a.person_key <> c.person_key
  AND  a.first_seen < CAST(? AS TIMESTAMP(6)) AND b.first_seen < CAST(? AS TIMESTAMP(6)) AND c.first_seen < CAST(? AS TIMESTAMP(6))
ORDER  BY 1
-- arguments: [2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000]

-- quality/signups
-- quality/signups: sign-ups of each partner by local day.
-- grain   one row per (partner, day with sign-ups)      reads  event_facts, event_names, partner_keys
-- params  sign-up event, as of (UTC, exclusive)         money  none
-- nulls   sign-ups without a partner are left out
SELECT k.partner_id, date_diff('day', DATE '1970-01-01', e.day) AS day, count(DISTINCT e.person_key) AS signups
FROM   "event_facts" AS e
JOIN   "event_names" AS n ON n.event_key = e.event_key
JOIN   "partner_keys" AS k ON k.partner_key = e.partner_key
WHERE  n.event = ? AND e.occurred_at < CAST(? AS TIMESTAMP(6))
GROUP  BY k.partner_id, date_diff('day', DATE '1970-01-01', e.day)
ORDER  BY k.partner_id, day
-- arguments: [signed_up 2026-11-16 23:00:00.000000]

