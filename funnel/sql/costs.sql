-- funnel/costs: what was spent on the days of entry, overall or by what costs name.
-- grain   one row per value of the breakdown, else one       reads  costs
-- params  local days from, to (both inclusive), local day of as-of (exclusive), column of the breakdown
--         days from 1970 to 9999 stand for those of the entries, which are known once the funnel is counted
-- nulls   key NULL = costs of no single value; value_minor NULL = no rate
-- money   cost and payout: minor units, project currency
SELECT {{ if .By }}{{ ident .By }}{{ else }}CAST(NULL AS VARCHAR){{ end }} AS cost_key,
       CAST(coalesce(sum(CASE WHEN day >= CAST({{ arg .From }} AS DATE) AND day <= CAST({{ arg .To }} AS DATE)
                              THEN {{ exact "value_minor" }} END), 0) AS VARCHAR) AS cost,
       CAST(coalesce(sum(CASE WHEN day >= CAST({{ arg .From }} AS DATE) AND day <= CAST({{ arg .To }} AS DATE)
                               AND kind IN ('commission', 'bonus', 'reward')
                              THEN {{ exact "value_minor" }} END), 0) AS VARCHAR) AS payout,
       count(CASE WHEN day >= CAST({{ arg .From }} AS DATE) AND day <= CAST({{ arg .To }} AS DATE) AND value_minor IS NULL
                  THEN 1 END) AS without_rate
FROM   {{ table "costs" }}
WHERE  day < CAST({{ arg .Today }} AS DATE)
GROUP  BY 1
ORDER  BY 1
