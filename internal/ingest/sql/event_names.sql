-- ingest/event_names: the event catalogue; rows are filled in once the facts are known.
-- grain   one row per event name      reads  ingest_events
-- params  none     nulls  none        money  none
CREATE OR REPLACE TABLE event_names AS
SELECT row_number() OVER (ORDER BY event) - 1 AS event_key, event, CAST(0 AS BIGINT) AS rows
FROM   (SELECT DISTINCT event FROM ingest_events)
ORDER  BY event
