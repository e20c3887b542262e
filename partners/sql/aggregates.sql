-- partners/aggregates: results that arrived already counted.
-- grain   one row per partner              reads  aggregates
-- params  local day of as-of (exclusive)
-- nulls   value_minor NULL with a revenue = no rate
-- money   revenue: minor units, project currency
SELECT partner_id,
       CAST(coalesce(sum({{ exact "conversions" }}), 0) AS VARCHAR) AS conversions,
       CAST(coalesce(sum({{ exact "value_minor" }}), 0) AS VARCHAR) AS revenue,
       count(CASE WHEN value_minor IS NULL AND revenue_minor IS NOT NULL THEN 1 END) AS without_rate,
       count(CASE WHEN value_minor < 0 THEN 1 END) AS negative
FROM   {{ table "aggregates" }}
WHERE  day < CAST({{ arg .Today }} AS DATE)
GROUP  BY partner_id
ORDER  BY partner_id
