-- partners/movers: customers of each partner in two neighbouring weeks.
-- grain   one row per partner              reads  acquisition_facts, aggregates, partner_keys, partners
-- params  weeks, as of (UTC, exclusive), its local day (exclusive)
-- nulls   partner_id NULL = organic        money  none
SELECT parts.partner_id, t.name,
       CAST(sum(CASE WHEN parts.week = {{ arg .Previous }} THEN parts.micro ELSE 0 END) AS BIGINT) AS previous,
       CAST(sum(CASE WHEN parts.week = {{ arg .Current }} THEN parts.micro ELSE 0 END) AS BIGINT) AS current_week
FROM   (
       SELECT k.partner_id, {{ .AcquisitionWeek }} AS week, {{ exact "a.weight" }} AS micro
       FROM   {{ table "acquisition_facts" }} AS a
       LEFT   JOIN {{ table "partner_keys" }} AS k ON k.partner_key = a.partner_key
       WHERE  a.{{ ident "at" }} < {{ arg .AsOf }}
       UNION  ALL
       SELECT partner_id, {{ .DayWeek }}, coalesce(conversions, 0) * {{ exact "1000000" }}
       FROM   {{ table "aggregates" }}
       WHERE  day < CAST({{ arg .Today }} AS DATE)
) AS parts
LEFT   JOIN {{ table "partners" }} AS t ON t.partner_id = parts.partner_id
WHERE  parts.week IN ({{ arg .Previous }}, {{ arg .Current }})
GROUP  BY parts.partner_id, t.name
ORDER  BY parts.partner_id
