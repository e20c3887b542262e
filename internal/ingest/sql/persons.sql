-- ingest/persons: the person dictionary with what the events say of each person.
-- grain   one person           reads  event_facts, event_excluded, input_persons, the dictionaries
-- params  the acquisition event
-- nulls   acquired_at and acquired_day: no analysed acquisition event; referrer_key: no analysed event
--         names a referrer; first_seen: no event at all            money  none
-- A person whose aliases have attributes each takes those of the id itself, else of the first alias.
CREATE OR REPLACE TABLE persons AS
WITH analysed AS (
  SELECT person_key, min(occurred_at) AS first_seen,
         min(occurred_at) FILTER (WHERE event_key = (SELECT event_key FROM event_names WHERE event = {{arg .Acquisition}})) AS acquired_at,
         min(day) FILTER (WHERE event_key = (SELECT event_key FROM event_names WHERE event = {{arg .Acquisition}})) AS acquired_day
  FROM   event_facts
  GROUP  BY person_key
), set_aside AS (
  SELECT person_key, min(occurred_at) AS first_seen
  FROM   event_excluded
  WHERE  reason <> 'duplicate'
  GROUP  BY person_key
), referred AS (
  SELECT person_key, arg_min(referrer_key, (occurred_at, event_id, source)) AS referrer_key
  FROM   event_facts
  WHERE  referrer_key IS NOT NULL
  GROUP  BY person_key
), described AS (
  SELECT i.person_key, arg_min(p.attributes, (i.raw_id <> i.person_id, i.raw_id)) AS attributes
  FROM   input_persons AS p JOIN ingest_person_ids AS i ON i.raw_id = p.person_id
  WHERE  p.attributes IS NOT NULL
  GROUP  BY i.person_key
), flagged AS (
  SELECT person_key, string_agg(flag, ',' ORDER BY flag) AS flags FROM ingest_person_flags GROUP BY person_key
)
SELECT d.person_key, d.person_id, coalesce(s.first_seen, a.first_seen) AS first_seen, a.acquired_at, a.acquired_day, r.referrer_key, t.attributes, g.flags
FROM   (SELECT DISTINCT person_key, person_id FROM ingest_person_ids) AS d
LEFT   JOIN set_aside AS s ON s.person_key = d.person_key
LEFT   JOIN analysed AS a ON a.person_key = d.person_key
LEFT   JOIN referred AS r ON r.person_key = d.person_key
LEFT   JOIN described AS t ON t.person_key = d.person_key
LEFT   JOIN flagged AS g ON g.person_key = d.person_key
ORDER  BY d.person_key
