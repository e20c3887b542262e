-- partners/split: customers whose credit is shared between partners; Go splits their money.
-- grain   one row per (customer, partner)  reads  acquisition_facts, event_facts, partner_keys
-- params  as of (UTC, exclusive), whole weight
-- nulls   partner_id NULL = the organic share
-- money   value: net revenue of the customer, minor units, project currency
WITH shared AS (
       SELECT person_key, partner_key, sum(weight) AS weight
       FROM   {{ table "acquisition_facts" }}
       WHERE  {{ ident "at" }} < {{ arg .AsOf }} AND weight <> {{ arg .Whole }}
       GROUP  BY person_key, partner_key
),
worth AS (
       SELECT e.person_key, sum({{ exact "e.value_minor" }}) AS value
       FROM   {{ table "event_facts" }} AS e
       WHERE  e.occurred_at < {{ arg .AsOf }} AND e.value_minor IS NOT NULL
         AND  e.person_key IN (SELECT person_key FROM shared)
       GROUP  BY e.person_key
)
SELECT s.person_key, k.partner_id, CAST(s.weight AS BIGINT) AS weight, CAST(coalesce(w.value, 0) AS BIGINT) AS value
FROM   shared AS s
LEFT   JOIN {{ table "partner_keys" }} AS k ON k.partner_key = s.partner_key
LEFT   JOIN worth AS w ON w.person_key = s.person_key
ORDER  BY s.person_key, k.partner_id
