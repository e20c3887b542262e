-- partners/customers: customers credited as a whole, and what they spent.
-- grain   one row per partner              reads  acquisition_facts, event_facts, partner_keys
-- params  as of (UTC, exclusive), whole weight
-- nulls   partner_id NULL = organic
-- money   value: net revenue of all events of the customers, minor units, project currency;
--         squares: sum over customers of the square of theirs; 19 digits, because two DECIMAL(18,0)
--         multiply into DECIMAL(18,0) on DuckDB
WITH worth AS (
       SELECT person_key, CAST(sum({{ exact "value_minor" }}) AS DECIMAL(19,0)) AS value
       FROM   {{ table "event_facts" }}
       WHERE  occurred_at < {{ arg .AsOf }} AND value_minor IS NOT NULL
       GROUP  BY person_key
)
SELECT k.partner_id,
       count(*) AS customers,
       CAST(coalesce(sum(w.value), 0) AS VARCHAR) AS value,
       CAST(coalesce(sum(w.value * w.value), 0) AS VARCHAR) AS squares
FROM   {{ table "acquisition_facts" }} AS a
LEFT   JOIN {{ table "partner_keys" }} AS k ON k.partner_key = a.partner_key
LEFT   JOIN worth AS w ON w.person_key = a.person_key
WHERE  a.{{ ident "at" }} < {{ arg .AsOf }} AND a.weight = {{ arg .Whole }}
GROUP  BY k.partner_id
ORDER  BY k.partner_id
