-- ingest/person_ids: every id a source uses for a person, the person it means, and that person's key.
-- grain   one row per id         reads  ingest_events, input_persons, leads, ingest_identity_map
-- params  the hash bucket of a person, computed once a person and not once an event     money  none
-- nulls   an event without a referrer adds none; keys are dense from 0 in order of person_id and
--         narrowed once their number is known
CREATE OR REPLACE TEMP TABLE ingest_person_ids AS
WITH used AS (
  SELECT DISTINCT raw_id
  FROM   (SELECT person_id AS raw_id FROM ingest_events
          UNION ALL SELECT referrer_id FROM ingest_events WHERE referrer_id IS NOT NULL
          UNION ALL SELECT person_id FROM input_persons
          UNION ALL SELECT person_id FROM leads)
), meant AS (
  SELECT u.raw_id, coalesce(m.person_id, u.raw_id) AS person_id
  FROM   used AS u LEFT JOIN ingest_identity_map AS m ON m.alias = u.raw_id
)
SELECT raw_id, person_id, dense_rank() OVER (ORDER BY person_id) - 1 AS person_key, CAST({{.Bucket}} AS SMALLINT) AS bucket
FROM   meant
