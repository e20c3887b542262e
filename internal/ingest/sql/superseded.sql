-- ingest/superseded: rows of events delivered again; the latest received one stays, and among equally
-- late ones the one loaded last.
-- grain   one row per superseded row (its rowid)      reads  ingest_events
-- params  none     nulls  received_at is never NULL   money  none
-- The inner query finds candidates by hash, so that the exact comparison sees few rows.
CREATE OR REPLACE TEMP TABLE ingest_superseded AS
SELECT id
FROM   (SELECT rowid AS id,
               row_number() OVER (PARTITION BY source, event_id ORDER BY received_at DESC, batch_id DESC, rowid DESC) AS n
        FROM   ingest_events
        WHERE  hash(source, event_id) IN (SELECT h FROM (SELECT hash(source, event_id) AS h FROM ingest_events)
                                          GROUP BY h HAVING count(*) > 1))
WHERE  n > 1
