-- funnel/properties: the names of the properties that events, or persons, carry: what a name that
-- none of them has may have been meant to be.
-- grain   one row per name           reads  event_facts or persons
-- params  the table, its JSON column
-- nulls   a row without properties has no names                                  money  none
SELECT DISTINCT n.name
FROM  (SELECT unnest(json_keys(t.{{ .Column }})) AS name FROM {{ table .Table }} t WHERE t.{{ .Column }} IS NOT NULL) n
ORDER  BY n.name
