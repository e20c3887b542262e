-- cohorts/checks: money that no cell can hold.
-- grain   one row                          reads  event_facts, persons
-- params  project currency, as of (UTC, exclusive)
-- nulls   value_minor NULL with an amount in another currency = no rate of its day
-- money   before_value: minor units, project currency
SELECT count(CASE WHEN e.value_minor IS NOT NULL AND e.occurred_at < p.acquired_at THEN 1 END) AS before_events,
       CAST(coalesce(sum(CASE WHEN e.occurred_at < p.acquired_at THEN {{ exact "e.value_minor" }} END), 0) AS VARCHAR) AS before_value,
       count(CASE WHEN e.value_minor IS NULL AND e.amount_minor IS NOT NULL AND e.currency <> {{ arg .Currency }} THEN 1 END) AS without_rate
FROM   {{ table "event_facts" }} AS e
JOIN   {{ table "persons" }} AS p ON p.person_key = e.person_key
WHERE  p.acquired_at < {{ arg .AsOf }}
  AND  e.occurred_at < {{ arg .AsOf }}
