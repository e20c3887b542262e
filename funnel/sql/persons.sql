-- funnel/persons: how many keys of the unit there are; they are dense from 0.
-- grain   one row                    reads  persons or partner_keys
-- params  which of them              nulls  none      money  none
SELECT CAST(count(*) AS BIGINT) AS units
FROM   {{ table .Table }}
ORDER  BY units
