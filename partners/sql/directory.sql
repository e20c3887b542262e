-- partners/directory: every partner any input names, with what is known of it.
-- grain   one row per partner              reads  partner_keys, partners
-- params  as of (UTC, exclusive)           money  none
-- nulls   traits NULL = not in the partners table; left_us NULL = has not left by as-of
SELECT k.partner_id, p.partner_id IS NOT NULL AS known, p.name, p.archetype, p.tier, p.region, p.industry,
       CASE WHEN p.left_at < {{ arg .AsOf }} THEN {{ micros "p.left_at" }} END AS left_us
FROM   {{ table "partner_keys" }} AS k
LEFT   JOIN {{ table "partners" }} AS p ON p.partner_id = k.partner_id
ORDER  BY k.partner_id
