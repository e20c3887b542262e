-- bench/steps: the funnel events of the journeys that fall into the period, cut to the wanted number.
-- grain   one event               reads  journeys
-- params  span in microseconds, four times; number of events
-- nulls   amount NULL unless a purchase    money  minor units
CREATE TABLE raw AS
SELECT person, partner, us, event, amount
FROM (
  SELECT i, 1 AS step, person, partner, t1 AS us, 'invite_sent' AS event, CAST(NULL AS BIGINT) AS amount FROM journeys WHERE t1 < ?
  UNION ALL SELECT i, 2, person, partner, t2, 'invite_clicked', NULL FROM journeys WHERE t2 < ?
  UNION ALL SELECT i, 3, person, partner, t3, 'signed_up', NULL FROM journeys WHERE t3 < ?
  UNION ALL SELECT i, 4, person, partner, t4, 'purchase', amount FROM journeys WHERE t4 < ?
) AS e
ORDER BY i, step
LIMIT ?
