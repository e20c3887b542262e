-- funnel/layout: whether event_facts still lies in the order of persons and times, and of which events
-- step_facts is a copy.
-- grain   one row per key            reads  meta
-- params  none                       nulls  none      money  none
SELECT key, value
FROM   {{ table "meta" }}
WHERE  key IN ('clustered', 'step_keys')
ORDER  BY key
