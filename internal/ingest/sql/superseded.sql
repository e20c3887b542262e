-- ingest/superseded: rows of events delivered again; the latest received one stays, and among equally
-- late ones the one loaded last.
-- grain   one row per superseded row (its rowid)      reads  ingest_events, ingest_repeated_ids
-- params  none     nulls  received_at is never NULL   money  none
CREATE OR REPLACE TEMP TABLE ingest_superseded AS
SELECT id
FROM   (SELECT rowid AS id,
               row_number() OVER (PARTITION BY source, event_id ORDER BY received_at DESC, batch_id DESC, rowid DESC) AS n
        FROM   ingest_events
        WHERE  {{.Hash}} IN (SELECT h FROM ingest_repeated_ids))
WHERE  n > 1
