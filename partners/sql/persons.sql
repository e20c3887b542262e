-- partners/persons: everyone with an analysed event of the partner.
-- grain   one row per partner, one for persons without any      reads  event_facts, partner_keys
-- params  as of (UTC, exclusive)           money  none
-- nulls   partner_id NULL = persons none of whose events has a partner
SELECT k.partner_id, count(DISTINCT e.person_key) AS persons
FROM   {{ table "event_facts" }} AS e
JOIN   {{ table "partner_keys" }} AS k ON k.partner_key = e.partner_key
WHERE  e.occurred_at < {{ arg .AsOf }}
GROUP  BY k.partner_id
UNION  ALL
SELECT CAST(NULL AS VARCHAR), count(*)
FROM   (
       SELECT person_key
       FROM   {{ table "event_facts" }}
       WHERE  occurred_at < {{ arg .AsOf }}
       GROUP  BY person_key
       HAVING count(partner_key) = 0
) AS alone
ORDER  BY 1
