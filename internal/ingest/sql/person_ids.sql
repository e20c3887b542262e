-- ingest/person_ids: every id a source uses for a person, the person it means, and that person's key.
-- grain   one row per id         reads  ingest_events, input_persons, leads, ingest_identity_map
-- params  none                   money  none
-- nulls   an event without a referrer adds none; keys are dense from 0 in order of person_id and
--         narrowed once their number is known
CREATE OR REPLACE TEMP TABLE ingest_person_ids AS
WITH used AS (
  SELECT person_id AS raw_id FROM ingest_events
  UNION SELECT referrer_id FROM ingest_events WHERE referrer_id IS NOT NULL
  UNION SELECT person_id FROM input_persons
  UNION SELECT person_id FROM leads
), meant AS (
  SELECT u.raw_id, coalesce(m.person_id, u.raw_id) AS person_id
  FROM   used AS u LEFT JOIN ingest_identity_map AS m ON m.alias = u.raw_id
), keys AS (
  SELECT person_id, row_number() OVER (ORDER BY person_id) - 1 AS person_key
  FROM   (SELECT DISTINCT person_id FROM meant)
)
SELECT m.raw_id, m.person_id, k.person_key
FROM   meant AS m JOIN keys AS k ON k.person_id = m.person_id
