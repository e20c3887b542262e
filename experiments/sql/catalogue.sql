-- experiments/catalogue: the keys of events.
-- grain   one row per event       reads  event_names
-- params  none     nulls  none        money  none
SELECT event, CAST(event_key AS BIGINT) AS event_key
FROM   {{ table "event_names" }}
ORDER  BY event
