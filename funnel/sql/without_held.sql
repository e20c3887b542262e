-- funnel/without_held: events of the steps that lack a held value and so serve none.
-- grain   one row                    reads  event_facts, partner_keys, partners, persons
-- params  those of rows, with a condition for each held field: that its value is missing
-- nulls   a value that is missing is what is counted       money  none
SELECT CAST(count(*) AS BIGINT) AS without_held
FROM   (
{{ include "rows" . }}
) AS r
WHERE  r.conditions0 > 0
ORDER  BY without_held
