-- ingest/repeated_ids: hashes of event ids that occur more than once; mostly none, and found in one
-- pass over eight bytes an event.
-- grain   one row per repeated hash     reads  ingest_events
-- params  none     nulls  event_id is never NULL     money  none
CREATE OR REPLACE TEMP TABLE ingest_repeated_ids AS
SELECT h FROM (SELECT {{.Hash}} AS h FROM ingest_events) GROUP BY h HAVING count(*) > 1
