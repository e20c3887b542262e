-- bench/units: randomised persons with what they do before and after their first exposure.
-- grain   one row per person      reads  range
-- params  persons, span of exposures in microseconds
-- nulls   none                    money  minor units
-- All chance comes from the md5 of the row number, as in bench/journeys. taste is how much a person buys, the same
-- before and after: what makes the past tell something about the present.
CREATE TABLE units AS
WITH draws AS (
  SELECT i, md5_number_lower('u' || i) AS u, md5_number_upper('u' || i) AS v, md5_number_lower('w' || i) AS w
  FROM range(CAST(? AS BIGINT)) AS r(i)
), fixed AS (
  SELECT i, CAST(u % 3 AS TINYINT) AS arm, CAST((v // 7) % ? AS BIGINT) AS at_us, CAST((u // 1000003) % 1000 AS INTEGER) AS taste,
         CAST((u // 1000000009) % 1000 AS INTEGER) AS c1, CAST((u // 1000000009000) % 1000 AS INTEGER) AS c2, CAST(w % 1000 AS INTEGER) AS c3,
         CAST((w // 1000) % 1000 AS INTEGER) AS c4, CAST((w // 1000000) % 4 AS INTEGER) AS visits,
         CAST(500 + (w // 10000000) % 9500 AS BIGINT) AS amount
  FROM   draws
)
SELECT i, arm, at_us, visits, amount + 10 * taste AS amount,
       CASE WHEN 2 * c1 < taste + 20 * arm THEN 1 + CAST(c2 < 200 AS INTEGER) ELSE 0 END AS orders,
       CASE WHEN 2 * c3 < taste THEN 1 + CAST(c4 < 200 AS INTEGER) ELSE 0 END AS earlier,
       CAST(2 * c1 < taste AND c4 < 60 AS INTEGER) AS refunds
FROM   fixed
