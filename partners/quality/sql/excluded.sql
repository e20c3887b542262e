-- quality/excluded: persons whose events ingest kept out of analyses.
-- grain   one row per (person, reason)     reads  event_excluded, persons
-- params  as of (UTC, exclusive)           money  none
SELECT p.person_id, x.reason, count(*) AS events, min(x.occurred_at) AS since
FROM   {{ table "event_excluded" }} AS x
JOIN   {{ table "persons" }} AS p ON p.person_key = x.person_key
WHERE  x.reason IN ('self_referral', 'bot') AND x.occurred_at < {{ arg .AsOf }}
GROUP  BY p.person_id, x.reason
ORDER  BY p.person_id, x.reason
