-- attribution/partners: the partners credit can go to.
-- grain   one row per partner              reads  partner_keys
-- params  none                             money  none
SELECT partner_key, partner_id
FROM   {{ table "partner_keys" }}
ORDER  BY partner_key
