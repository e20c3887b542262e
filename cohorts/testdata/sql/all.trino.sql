-- cohorts/sizes
-- cohorts/sizes: customers by cohort, group and period of acquisition in units of age.
-- grain   one row per (cohort, group, period)      reads  persons, acquisition_facts, partners, event_facts
-- params  as of (UTC, exclusive)           money  none
-- nulls   group_key NULL = customers without one
WITH people AS (
       SELECT p.person_key, p.acquired_at,
              (extract(YEAR FROM p.acquired_day) * 12 + extract(MONTH FROM p.acquired_day) - 1) AS cohort,
              (extract(YEAR FROM p.acquired_day) * 12 + extract(MONTH FROM p.acquired_day) - 1) AS born,
              CAST(NULL AS VARCHAR) AS group_key
       FROM   "persons" AS p
       WHERE  p.acquired_at < CAST(? AS TIMESTAMP(6))
)
SELECT cohort, group_key, born, count(*) AS customers
FROM   people
GROUP  BY cohort, group_key, born
ORDER  BY cohort, group_key, born
-- arguments: [2026-11-16 23:00:00.000000]

-- cohorts/cells
-- cohorts/cells: activity and money of each cohort at each age.
-- grain   one row per (cohort, group, age) with events      reads  event_facts, persons, acquisition_facts, partners, event_names
-- params  activity events, as of (UTC, exclusive), horizon
-- nulls   group_key NULL = customers without one; value NULL counts as none
-- money   value: minor units, project currency; squares: the growth of the sum over customers of the
--         square of their cumulative value, from which Go finishes the variance
WITH people AS (
       SELECT p.person_key, p.acquired_at,
              (extract(YEAR FROM p.acquired_day) * 12 + extract(MONTH FROM p.acquired_day) - 1) AS cohort,
              (extract(YEAR FROM p.acquired_day) * 12 + extract(MONTH FROM p.acquired_day) - 1) AS born,
              CAST(NULL AS VARCHAR) AS group_key
       FROM   "persons" AS p
       WHERE  p.acquired_at < CAST(? AS TIMESTAMP(6))
),
ages AS (
       SELECT q.person_key, q.cohort, q.group_key,
              (extract(YEAR FROM e.day) * 12 + extract(MONTH FROM e.day) - 1) - q.born AS age,
              count(v.event_key) AS activity,
              sum(CASE WHEN e.value_minor IS NULL THEN CAST(0 AS DECIMAL(38,0)) ELSE CAST(e.value_minor AS DECIMAL(38,0)) END) AS value
       FROM   "event_facts" AS e
       JOIN   people AS q ON q.person_key = e.person_key
       LEFT   JOIN (
              SELECT event_key
              FROM   "event_names"
              WHERE  event IN (?)
       ) AS v ON v.event_key = e.event_key
       WHERE  e.occurred_at >= q.acquired_at AND e.occurred_at < CAST(? AS TIMESTAMP(6))
         AND  (e.value_minor IS NOT NULL OR v.event_key IS NOT NULL)
       GROUP  BY q.person_key, q.cohort, q.group_key, (extract(YEAR FROM e.day) * 12 + extract(MONTH FROM e.day) - 1) - q.born
),
-- Two DECIMAL(18,0) multiply into DECIMAL(18,0) on DuckDB; 19 digits multiply into 38.
running AS (
       SELECT cohort, group_key, age, activity, value,
              CAST(sum(value) OVER (PARTITION BY person_key ORDER BY age
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS DECIMAL(19,0)) AS after_age,
              CAST(sum(value) OVER (PARTITION BY person_key ORDER BY age
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - value AS DECIMAL(19,0)) AS before_age
       FROM   ages
)
SELECT cohort, group_key, age,
       count(CASE WHEN activity > 0 THEN 1 END) AS retained,
       CAST(sum(activity) AS BIGINT) AS events,
       CAST(sum(value) AS VARCHAR) AS value,
       CAST(sum(after_age * after_age - before_age * before_age) AS VARCHAR) AS squares
FROM   running
WHERE  age <= ?
GROUP  BY cohort, group_key, age
ORDER  BY cohort, group_key, age
-- arguments: [2026-11-16 23:00:00.000000 purchase 2026-11-16 23:00:00.000000 12]

-- cohorts/checks
-- cohorts/checks: money that no cell can hold.
-- grain   one row                          reads  event_facts, persons
-- params  project currency, as of (UTC, exclusive)
-- nulls   value_minor NULL with an amount in another currency = no rate of its day
-- money   before_value: minor units, project currency
SELECT count(CASE WHEN e.value_minor IS NOT NULL AND e.occurred_at < p.acquired_at THEN 1 END) AS before_events,
       CAST(coalesce(sum(CASE WHEN e.occurred_at < p.acquired_at THEN CAST(e.value_minor AS DECIMAL(38,0)) END), 0) AS VARCHAR) AS before_value,
       count(CASE WHEN e.value_minor IS NULL AND e.amount_minor IS NOT NULL AND e.currency <> ? THEN 1 END) AS without_rate
FROM   "event_facts" AS e
JOIN   "persons" AS p ON p.person_key = e.person_key
WHERE  p.acquired_at < CAST(? AS TIMESTAMP(6))
  AND  e.occurred_at < CAST(? AS TIMESTAMP(6))
-- arguments: [EUR 2026-11-16 23:00:00.000000 2026-11-16 23:00:00.000000]

