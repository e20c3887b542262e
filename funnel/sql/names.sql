-- funnel/names: the event catalogue, to settle conditions on the event's name once per name.
-- grain   one row per event name     reads  event_names
-- params  none                       nulls  none      money  none
SELECT CAST(event_key AS BIGINT) AS event_key, event, CAST(rows AS BIGINT) AS rows
FROM   {{ table "event_names" }}
ORDER  BY event_key
