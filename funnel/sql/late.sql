-- funnel/late: events of the funnel that happened before the as-of time and arrived at it or later.
-- grain   one row                    reads  event_facts
-- params  as of, event keys
-- nulls   an event without a time of arrival arrived when it happened            money  none
SELECT CAST(count(*) AS BIGINT) AS late
FROM   {{ table "event_facts" }} e
WHERE  e.received_at >= {{ arg .AsOf }} AND e.occurred_at < {{ arg .AsOf }}
{{- if .Events }}
  AND  e.event_key IN ({{ range $i, $k := .Events }}{{ if $i }}, {{ end }}{{ arg $k }}{{ end }})
{{- end }}
ORDER  BY late
