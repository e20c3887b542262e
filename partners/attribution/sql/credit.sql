-- attribution/credit: every acquired person with the partner the rule names.
-- grain   one row per acquired person      reads  persons, event_facts
-- params  none: a customer's credit depends on events up to the acquisition only, whatever as-of reads it
-- nulls   partner_key NULL = organic: no event with a partner at or before the acquisition
SELECT p.person_key,
       t.partner_key,
       CAST(NULL AS VARCHAR) AS variant,
       p.acquired_at AS {{ ident "at" }},
       p.acquired_day AS day,
       CAST({{ arg .Weight }} AS BIGINT) AS weight
FROM   {{ table "persons" }} AS p
LEFT   JOIN (
       SELECT e.person_key, e.partner_key,
              row_number() OVER (PARTITION BY e.person_key
                                 ORDER BY e.occurred_at {{ .Order }}, e.event_id {{ .Order }}, e.source {{ .Order }}) AS n
       FROM   {{ table "event_facts" }} AS e
       JOIN   {{ table "persons" }} AS a ON a.person_key = e.person_key
       WHERE  e.partner_key IS NOT NULL
         AND  e.occurred_at <= a.acquired_at
) AS t ON t.person_key = p.person_key AND t.n = 1
WHERE  p.acquired_at IS NOT NULL
ORDER  BY p.person_key
