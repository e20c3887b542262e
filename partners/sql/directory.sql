-- partners/directory: every partner any input names, with what is known of it.
-- grain   one row per partner              reads  partner_keys, partners
-- params  none                             money  none
-- nulls   traits NULL = not in the partners table
SELECT k.partner_id, p.partner_id IS NOT NULL AS known, p.name, p.archetype, p.tier, p.region, p.industry
FROM   {{ table "partner_keys" }} AS k
LEFT   JOIN {{ table "partners" }} AS p ON p.partner_id = k.partner_id
ORDER  BY k.partner_id
