-- ingest/person_flags: why a person is kept out of analyses.
-- grain   one row per (person, flag)     reads  input_persons, ingest_events, ingest_person_ids
-- params  whether events have properties, and referrers     money  none
-- nulls   an unknown user agent is no bot
-- internal and bot come from the sources of persons; bot also from the property user_agent of an event;
-- self_referral from an event whose person, after identities, is its own referrer.
CREATE OR REPLACE TEMP TABLE ingest_person_flags AS
SELECT p.person_key, lower(trim(f.flag)) AS flag
FROM   (SELECT person_id, unnest(string_split(flags, ',')) AS flag FROM input_persons WHERE flags IS NOT NULL) AS f
JOIN   ingest_person_ids AS p ON p.raw_id = f.person_id
WHERE  trim(f.flag) <> ''
{{if .Properties}}UNION
SELECT p.person_key, 'bot'
FROM   ingest_events AS e JOIN ingest_person_ids AS p ON p.raw_id = e.person_id
WHERE  contains(e.properties, '"user_agent"')
  AND  regexp_matches(json_extract_string(e.properties, '$.user_agent'), 'bot|crawler|spider|headless', 'i')
{{end}}{{if .Referred}}UNION
SELECT p.person_key, 'self_referral'
FROM   ingest_events AS e
JOIN   ingest_person_ids AS p ON p.raw_id = e.person_id
JOIN   ingest_person_ids AS r ON r.raw_id = e.referrer_id
WHERE  e.referrer_id IS NOT NULL AND p.person_key = r.person_key
{{end}}