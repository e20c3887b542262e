-- funnel/partners: the ids behind partner keys, for a breakdown or a held field by partner.
-- grain   one row per partner        reads  partner_keys
-- params  none                       nulls  none      money  none
SELECT CAST(partner_key AS BIGINT) AS partner_key, partner_id
FROM   {{ table "partner_keys" }}
ORDER  BY partner_key
