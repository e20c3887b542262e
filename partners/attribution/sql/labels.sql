-- attribution/labels: the channels or campaigns that touches carry.
-- grain   one row per label                reads  event_facts
-- params  event keys, as of (UTC, exclusive)
-- nulls   touches without a label are left out        money  none
SELECT DISTINCT {{ ident .By }} AS label
FROM   {{ table "event_facts" }}
WHERE  event_key IN ({{ range $i, $n := .Events }}{{ if $i }}, {{ end }}{{ arg $n }}{{ end }})
  AND  occurred_at < {{ arg .AsOf }}
  AND  {{ ident .By }} IS NOT NULL
ORDER  BY label
