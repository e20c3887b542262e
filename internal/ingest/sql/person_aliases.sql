-- ingest/person_aliases: ids of sources that mean another person, so that facts can be traced back to
-- the id a source used.
-- grain   one row per alias in use     reads  ingest_person_ids
-- params  none     nulls  none         money  none
CREATE OR REPLACE TABLE person_aliases AS
SELECT CAST(row_number() OVER (ORDER BY raw_id) - 1 AS INTEGER) AS alias_key, raw_id AS alias
FROM   ingest_person_ids
WHERE  raw_id <> person_id
ORDER  BY raw_id
