-- attribution/catalogue
-- attribution/catalogue: the keys of the events that were asked for.
-- grain   one row per event name           reads  event_names
-- params  names                            money  none
SELECT event_key, event
FROM   "event_names"
WHERE  event IN (?, ?, ?)
ORDER  BY event_key
-- arguments: [demo invite_clicked purchase]

-- attribution/labels
-- attribution/labels: the channels or campaigns that touches carry.
-- grain   one row per label                reads  event_facts
-- params  event keys, as of (UTC, exclusive)
-- nulls   touches without a label are left out        money  none
SELECT DISTINCT "campaign" AS label
FROM   "event_facts"
WHERE  event_key IN (?, ?, ?)
  AND  occurred_at < CAST(? AS TIMESTAMP)
  AND  "campaign" IS NOT NULL
ORDER  BY label
-- arguments: [0 1 2 2026-11-16 23:00:00.000000]

-- attribution/journeys
-- attribution/journeys: touches and conversions of a range of persons, in order.
-- grain   one row per event                reads  event_facts
-- params  person range (half-open), event keys, as of (UTC, exclusive)
-- nulls   a touch without a key earns nothing; value_minor NULL = no money
-- money   value_minor, project currency
SELECT person_key,
       event_key,
       "campaign" AS touch_key,
       occurred_at,
       value_minor
FROM   "event_facts"
WHERE  person_key >= ? AND person_key < ?
  AND  event_key IN (?, ?, ?)
  AND  occurred_at < CAST(? AS TIMESTAMP)
ORDER  BY person_key, occurred_at, event_id, source
-- arguments: [0 2147483647 0 1 2 2026-11-16 23:00:00.000000]

