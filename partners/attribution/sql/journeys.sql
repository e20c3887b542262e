-- attribution/journeys: touches and conversions of a range of persons, in order.
-- grain   one row per event                reads  event_facts
-- params  person range (half-open), event keys, as of (UTC, exclusive)
-- nulls   a touch without a key earns nothing; value_minor NULL = no money
-- money   value_minor, project currency
SELECT person_key,
       event_key,
       {{ ident .Column }} AS touch_key,
       occurred_at,
       value_minor
FROM   {{ table "event_facts" }}
WHERE  person_key >= {{ arg .Lo }} AND person_key < {{ arg .Hi }}
  AND  event_key IN ({{ range $i, $n := .Events }}{{ if $i }}, {{ end }}{{ arg $n }}{{ end }})
  AND  occurred_at < {{ arg .AsOf }}
ORDER  BY person_key, occurred_at, event_id, source
