-- attribution/credited: how many customers the rule could credit.
-- grain   one row                          reads  acquisition_facts
-- params  none                             money  none
-- nulls   partner_key NULL = organic
SELECT count(*) AS customers,
       count(*) - count(partner_key) AS organic
FROM   {{ table "acquisition_facts" }}
