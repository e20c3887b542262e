-- partners/costs: what each partner cost.
-- grain   one row per partner              reads  costs
-- params  local day of as-of (exclusive)
-- nulls   partner_id NULL = costs of a campaign or the programme; value_minor NULL = no rate
-- money   cost: minor units, project currency
SELECT partner_id,
       CAST(coalesce(sum({{ exact "value_minor" }}), 0) AS VARCHAR) AS cost,
       count(*) AS line_count,
       count(*) - count(value_minor) AS without_rate,
       count(CASE WHEN value_minor < 0 THEN 1 END) AS negative
FROM   {{ table "costs" }}
WHERE  day < CAST({{ arg .Today }} AS DATE)
GROUP  BY partner_id
ORDER  BY partner_id
