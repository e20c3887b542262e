-- attribution/catalogue: the keys of the events that were asked for.
-- grain   one row per event name           reads  event_names
-- params  names                            money  none
SELECT event_key, event
FROM   {{ table "event_names" }}
WHERE  event IN ({{ range $i, $n := .Names }}{{ if $i }}, {{ end }}{{ arg $n }}{{ end }})
ORDER  BY event_key
