-- partners/loose: money of persons who are not customers, such as an expansion without a purchase.
-- grain   one row                          reads  event_facts, acquisition_facts
-- params  as of (UTC, exclusive)
-- nulls   value_minor NULL = no money
-- money   revenue: minor units, project currency
SELECT count(*) AS events, CAST(coalesce(sum({{ exact "value_minor" }}), 0) AS VARCHAR) AS revenue
FROM   {{ table "event_facts" }} AS e
WHERE  e.occurred_at < {{ arg .AsOf }} AND e.value_minor IS NOT NULL
  AND  NOT EXISTS (
       SELECT 1 FROM {{ table "acquisition_facts" }} AS a
       WHERE  a.person_key = e.person_key AND a.{{ ident "at" }} < {{ arg .AsOf }}
)
