-- funnel/names
-- funnel/names: the event catalogue, to settle conditions on the event's name once per name.
-- grain   one row per event name     reads  event_names
-- params  none                       nulls  none      money  none
SELECT CAST(event_key AS BIGINT) AS event_key, event, CAST(rows AS BIGINT) AS rows
FROM   "event_names"
ORDER  BY event_key
-- arguments: []

-- funnel/persons
-- funnel/persons: how many keys of the unit there are; they are dense from 0.
-- grain   one row                    reads  persons or partner_keys
-- params  which of them              nulls  none      money  none
SELECT CAST(count(*) AS BIGINT) AS units
FROM   "persons"
ORDER  BY units
-- arguments: []

-- funnel/late
-- funnel/late: events of the funnel that happened before the as-of time and arrived at it or later.
-- grain   one row                    reads  event_facts
-- params  as of, event keys
-- nulls   an event without a time of arrival arrived when it happened            money  none
SELECT CAST(count(*) AS BIGINT) AS late
FROM   "event_facts" e
WHERE  e.received_at >= CAST(? AS TIMESTAMP(6)) AND e.occurred_at < CAST(? AS TIMESTAMP(6))
ORDER  BY late
-- arguments: [2027-01-01 00:00:00.000000 2027-01-01 00:00:00.000000]

-- funnel/without_held
-- funnel/without_held: events of the steps that lack a held value and so serve none.
-- grain   one row                    reads  event_facts, partner_keys, partners, persons
-- params  those of rows, with a condition for each held field: that its value is missing
-- nulls   a value that is missing is what is counted       money  none
SELECT CAST(count(*) AS BIGINT) AS without_held
FROM   (
SELECT e.person_key AS unit, e.occurred_at, e.event_key,
       0 + CASE WHEN NOT (e."referral_code" IS NOT NULL) THEN 1 ELSE 0 END + CASE WHEN NOT (coalesce(json_format(json_extract(e.properties, '$["' || ? || '"]')), 'null') <> 'null') THEN 1 ELSE 0 END AS conditions0
FROM   "event_facts" e
WHERE  e.person_key IS NOT NULL
  AND  e.occurred_at < CAST(? AS TIMESTAMP(6))
) AS r
WHERE  r.conditions0 > 0
ORDER  BY without_held
-- arguments: [device 2027-01-01 00:00:00.000000]

-- funnel/costs
-- funnel/costs: what was spent on the days of entry, overall or by what costs name.
-- grain   one row per value of the breakdown, else one       reads  costs
-- params  local days from, to (both inclusive), local day of as-of (exclusive), column of the breakdown
--         days from 1970 to 9999 stand for those of the entries, which are known once the funnel is counted
-- nulls   key NULL = costs of no single value; value_minor NULL = no rate
-- money   cost and payout: minor units, project currency
SELECT CAST(NULL AS VARCHAR) AS cost_key,
       CAST(coalesce(sum(CASE WHEN day >= CAST(? AS DATE) AND day <= CAST(? AS DATE)
                              THEN CAST(value_minor AS DECIMAL(38,0)) END), 0) AS VARCHAR) AS cost,
       CAST(coalesce(sum(CASE WHEN day >= CAST(? AS DATE) AND day <= CAST(? AS DATE)
                               AND kind IN ('commission', 'bonus', 'reward')
                              THEN CAST(value_minor AS DECIMAL(38,0)) END), 0) AS VARCHAR) AS payout,
       count(CASE WHEN day >= CAST(? AS DATE) AND day <= CAST(? AS DATE) AND value_minor IS NULL
                  THEN 1 END) AS without_rate
FROM   "costs"
WHERE  day < CAST(? AS DATE)
GROUP  BY 1
ORDER  BY 1
-- arguments: [1970-01-01 9999-12-31 1970-01-01 9999-12-31 1970-01-01 9999-12-31 2027-01-01]

-- funnel/rows
-- funnel/rows: the events that can matter to a funnel, of a range of units, in order within a unit.
-- grain   one row per event          reads  event_facts or step_facts, partner_keys, partners, persons
-- params  units lo ≤ key < hi, end of observation, event keys, conditions, held fields, breakdown;
--         only the units that the twin leaves to the kernel
-- order   a clustered table is read as it lies: the reader checks the order and refuses any other
-- nulls   a held field or breakdown value NULL = missing, kept; an event without a unit is left out
-- money   value_minor as it stands
SELECT e.person_key AS unit, e.occurred_at, e.event_key,
       0 + CASE WHEN e."status" = ? THEN 1 ELSE 0 END + CASE WHEN strpos(?, substr(json_format(json_extract(e.properties, '$["' || ? || '"]')), 1, 1)) > 0 AND TRY_CAST(json_extract_scalar(e.properties, '$["' || ? || '"]') AS DOUBLE) >= CAST(? AS DOUBLE) THEN 2 ELSE 0 END + CASE WHEN coalesce(json_format(json_extract(e.properties, '$["' || ? || '"]')), 'null') <> 'null' AND NOT (strpos(?, substr(json_format(json_extract(e.properties, '$["' || ? || '"]')), 1, 1)) > 0 AND json_extract_scalar(e.properties, '$["' || ? || '"]') = ?) THEN 4 ELSE 0 END + CASE WHEN NOT (e."partner_key" IS NOT NULL) THEN 8 ELSE 0 END + CASE WHEN strpos(e."channel", ?) > 0 THEN 16 ELSE 0 END AS conditions0,
       e."referral_code" AS held0,
       json_format(json_extract(e.properties, '$["' || ? || '"]')) AS held1,
       json_extract_scalar(e.properties, '$["' || ? || '"]') AS value,
       e.value_minor
FROM   "event_facts" e
WHERE  e.person_key >= ? AND e.person_key < ?
  AND  e.occurred_at < CAST(? AS TIMESTAMP(6))
ORDER  BY e.person_key, e.occurred_at, e.event_id, e.source
-- arguments: [paid -0123456789 seats seats 3 trial tf trial trial true mail device plan 0 2147483647 2027-01-01 00:00:00.000000]

