-- partners/totals: the sums of the sources, taken without any partner, that the rows must add up to.
-- grain   one row                          reads  persons, event_facts, costs, aggregates
-- params  as of (UTC, exclusive), its local day (exclusive), project currency
-- nulls   first_day NULL = no data; value_minor NULL = no money or no rate
-- money   revenue, cost: minor units, project currency
SELECT (SELECT count(*) FROM {{ table "persons" }} WHERE acquired_at < {{ arg .AsOf }}) AS customers,
       CAST(coalesce(e.revenue, 0) AS VARCHAR) AS event_revenue,
       e.persons,
       e.without_rate,
       CAST(coalesce(c.cost, 0) AS VARCHAR) AS cost,
       CAST(coalesce(g.conversions, 0) AS VARCHAR) AS conversions,
       CAST(coalesce(g.revenue, 0) AS VARCHAR) AS aggregate_revenue,
       {{ days "DATE '1970-01-01'" "e.first_day" }} AS first_event_day,
       {{ days "DATE '1970-01-01'" "c.first_day" }} AS first_cost_day,
       {{ days "DATE '1970-01-01'" "g.first_day" }} AS first_aggregate_day
FROM   (
       SELECT sum({{ exact "value_minor" }}) AS revenue, count(DISTINCT person_key) AS persons, min(day) AS first_day,
              count(CASE WHEN value_minor IS NULL AND amount_minor IS NOT NULL AND currency <> {{ arg .Currency }} THEN 1 END) AS without_rate
       FROM   {{ table "event_facts" }} WHERE occurred_at < {{ arg .AsOf }}
) AS e
CROSS  JOIN (
       SELECT sum({{ exact "value_minor" }}) AS cost, min(day) AS first_day
       FROM   {{ table "costs" }} WHERE day < CAST({{ arg .Today }} AS DATE)
) AS c
CROSS  JOIN (
       SELECT sum({{ exact "conversions" }}) AS conversions, sum({{ exact "value_minor" }}) AS revenue, min(day) AS first_day
       FROM   {{ table "aggregates" }} WHERE day < CAST({{ arg .Today }} AS DATE)
) AS g
