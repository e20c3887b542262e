-- funnel/properties: as on the embedded engine; the names of a JSON object are the keys of a map.
SELECT DISTINCT n.name
FROM   {{ table .Table }} t
CROSS  JOIN UNNEST(map_keys(CAST(json_parse(t.{{ .Column }}) AS MAP(VARCHAR, JSON)))) AS n (name)
WHERE  t.{{ .Column }} IS NOT NULL
ORDER  BY n.name
