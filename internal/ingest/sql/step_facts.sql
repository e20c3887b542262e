-- ingest/step_facts: the events that funnels of the project read, in the few narrow columns that most of
-- them need and in the order of event_facts. Page views and the like outnumber steps, so a funnel over this
-- copy reads a fraction of the rows.
-- grain   one event of a step     reads  event_facts
-- params  event keys
-- nulls   as in event_facts       money  value_minor
CREATE OR REPLACE TABLE step_facts AS
SELECT person_key, occurred_at, event_key, partner_key, value_minor
FROM   event_facts
WHERE  {{ keyin "event_key" .Keys }}
