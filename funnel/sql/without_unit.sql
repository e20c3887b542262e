-- funnel/without_unit: events of the funnel that belong to no unit.
-- grain   one row                    reads  event_facts
-- params  the unit's column, as of, whether late events exist, event keys
-- nulls   the unit NULL is what is counted               money  none
SELECT CAST(count(*) AS BIGINT) AS without_unit
FROM   {{ table "event_facts" }} e
WHERE  e.{{ .Unit }} IS NULL AND e.occurred_at < {{ arg .AsOf }}
{{- if .DropLate }}
  AND (e.received_at IS NULL OR e.received_at < {{ arg .AsOf }})
{{- end }}
{{- if .Events }}
  AND  e.event_key IN ({{ range $i, $k := .Events }}{{ if $i }}, {{ end }}{{ arg $k }}{{ end }})
{{- end }}
ORDER  BY without_unit
