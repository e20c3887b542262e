-- ingest/partner_keys: every partner any input names, with a key from 0 in order of partner_id.
-- grain   one row per partner     reads  every input with a partner_id
-- params  none                    money  none
-- nulls   rows without a partner add none
CREATE OR REPLACE TABLE partner_keys AS
SELECT row_number() OVER (ORDER BY partner_id) - 1 AS partner_key, partner_id
FROM   (SELECT partner_id FROM ingest_events
        UNION SELECT partner_id FROM partners
        UNION SELECT partner_id FROM costs
        UNION SELECT partner_id FROM service
        UNION SELECT partner_id FROM onboarding
        UNION SELECT partner_id FROM contacts
        UNION SELECT partner_id FROM aggregates
        UNION SELECT partner_id FROM payouts
        UNION SELECT partner_id FROM targets)
WHERE  partner_id IS NOT NULL
ORDER  BY partner_id
