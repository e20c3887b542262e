-- partners/costlines: whether any cost is known at all.
-- grain   one row                          reads  costs
-- params  local day of as-of (exclusive)
-- nulls   none
-- money   none
SELECT count(*) AS line_count
FROM   {{ table "costs" }}
WHERE  day < CAST({{ arg .Today }} AS DATE)
