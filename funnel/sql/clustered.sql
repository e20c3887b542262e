-- funnel/clustered: whether event_facts still lies in the order of persons and times.
-- grain   one row at most            reads  meta
-- params  none                       nulls  none      money  none
SELECT value
FROM   {{ table "meta" }}
WHERE  key = 'clustered'
ORDER  BY value
