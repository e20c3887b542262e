-- ingest/excluded_persons: the one reason under which an excluded person's events are counted.
-- grain   one row per excluded person     reads  ingest_person_flags
-- params  none     nulls  none            money  none
CREATE OR REPLACE TEMP TABLE ingest_excluded_persons AS
SELECT person_key,
       CASE WHEN count(*) FILTER (WHERE flag = 'internal') > 0 THEN 'internal'
            WHEN count(*) FILTER (WHERE flag = 'bot') > 0 THEN 'bot'
            ELSE 'self_referral' END AS reason
FROM   ingest_person_flags
WHERE  flag IN ('internal', 'bot', 'self_referral')
GROUP  BY person_key
