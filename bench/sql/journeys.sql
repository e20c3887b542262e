-- bench/journeys: referral journeys, each step after the one before with a chance and a delay.
-- grain   one row per attempt     reads  range
-- params  attempts, persons, partners, span in microseconds
-- nulls   none                    money  minor units of the purchase
-- All chance comes from the md5 of the row number, so the data do not depend on a library version,
-- on threads or on a seed elsewhere. u and v are its two halves; each draw takes other digits of them.
CREATE TABLE journeys AS
WITH draws AS (
  SELECT i, md5_number_lower('j' || i) AS u, md5_number_upper('j' || i) AS v, md5_number_lower('k' || i) AS w
  FROM range(CAST(? AS BIGINT)) AS r(i)
), fixed AS (
  SELECT i,
    -- the lesser of two draws: some persons are much more active than others
    CAST(least(u % 1000003 % ?, (v // 1000) % 1000003 % ?) AS INTEGER) AS person,
    -- the least of three draws: a few partners send most of the invites
    CAST(least((u // 1000003) % ?, (v // 1000003000) % ?, (w // 1000) % ?) AS INTEGER) AS partner,
    CAST((w // 1000003) % ? AS BIGINT) AS t1,
    CAST(u // 1000000007 % 1000 AS BIGINT) AS c2, CAST(v // 1000000007 % 1000 AS BIGINT) AS c3, CAST(w // 1000000007 % 1000 AS BIGINT) AS c4,
    CAST(u // 1000000009000 % 1000 AS BIGINT) AS d2, CAST(v // 1000000009000 % 1000 AS BIGINT) AS d3, CAST(w // 1000000009000 % 1000 AS BIGINT) AS d4,
    CAST(500 + v % 20000 AS BIGINT) AS amount
  FROM draws
)
SELECT i, person, partner, amount, t1,
  -- delays are cubes: most steps follow within hours, a few after more than a week (864 us × 999³ is ten days)
  CASE WHEN c2 < 550 THEN t1 + 864 * d2 * d2 * d2 END AS t2,
  CASE WHEN c2 < 550 AND c3 < 500 THEN t1 + 864 * (d2 * d2 * d2 + d3 * d3 * d3) END AS t3,
  CASE WHEN c2 < 550 AND c3 < 500 AND c4 < 400 THEN t1 + 864 * (d2 * d2 * d2 + d3 * d3 * d3 + d4 * d4 * d4) END AS t4
FROM fixed
