-- ingest/count_names: analysed rows of each event name.
-- grain   updates one row per event name     reads  event_facts
-- params  none     nulls  none     money  none
UPDATE event_names SET rows = c.n
FROM   (SELECT event_key, count(*) AS n FROM event_facts GROUP BY event_key) AS c
WHERE  c.event_key = event_names.event_key
