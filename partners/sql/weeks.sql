-- partners/weeks: the programme by calendar week.
-- grain   one row per week with data       reads  acquisition_facts, costs, event_facts, aggregates, event_names
-- params  as of (UTC, exclusive), its local day (exclusive), name of the sign-up event
-- nulls   none
-- money   cost, revenue: minor units, project currency; squares: sum of the squares of single amounts
-- converted: persons who signed up in the week and were customers before it ended
SELECT week,
       CAST(sum(micro) AS VARCHAR) AS micro,
       CAST(sum(cost) AS VARCHAR) AS cost,
       CAST(sum(revenue) AS VARCHAR) AS revenue,
       CAST(sum(squares) AS VARCHAR) AS squares,
       CAST(sum(signups) AS BIGINT) AS signups,
       CAST(sum(converted) AS BIGINT) AS converted
FROM   (
       SELECT {{ .DayWeek }} AS week, {{ exact "weight" }} AS micro, {{ exact "0" }} AS cost, {{ exact "0" }} AS revenue,
              {{ exact "0" }} AS squares, 0 AS signups, 0 AS converted
       FROM   {{ table "acquisition_facts" }} WHERE {{ ident "at" }} < {{ arg .AsOf }}
       UNION  ALL
       SELECT {{ .DayWeek }}, 0, {{ exact "value_minor" }}, 0, 0, 0, 0
       FROM   {{ table "costs" }} WHERE day < CAST({{ arg .Today }} AS DATE) AND value_minor IS NOT NULL
       UNION  ALL
       SELECT {{ .DayWeek }}, 0, 0, {{ exact "value_minor" }},
              CAST(value_minor AS DECIMAL(19,0)) * CAST(value_minor AS DECIMAL(19,0)), 0, 0
       FROM   {{ table "event_facts" }} WHERE occurred_at < {{ arg .AsOf }} AND value_minor IS NOT NULL
       UNION  ALL
       SELECT {{ .DayWeek }}, coalesce(conversions, 0) * {{ exact "1000000" }}, 0, coalesce({{ exact "value_minor" }}, 0),
              coalesce(CAST(value_minor AS DECIMAL(19,0)) * CAST(value_minor AS DECIMAL(19,0)), 0), 0, 0
       FROM   {{ table "aggregates" }} WHERE day < CAST({{ arg .Today }} AS DATE)
       UNION  ALL
       SELECT s.week, 0, 0, 0, 0, 1,
              CASE WHEN p.acquired_at < {{ arg .AsOf }} AND p.acquired_at >= s.signed_at AND {{ .AcquiredWeek }} = s.week THEN 1 ELSE 0 END
       FROM   (
              SELECT e.person_key, min({{ .EventWeek }}) AS week, min(e.occurred_at) AS signed_at
              FROM   {{ table "event_facts" }} AS e
              JOIN   {{ table "event_names" }} AS n ON n.event_key = e.event_key
              WHERE  n.event = {{ arg .Signup }} AND e.occurred_at < {{ arg .AsOf }}
              GROUP  BY e.person_key
       ) AS s
       JOIN   {{ table "persons" }} AS p ON p.person_key = s.person_key
) AS parts
GROUP  BY week
ORDER  BY week
