-- bench/outcomes: the events of bench/units, in the order of time.
-- grain   one row per event       reads  units
-- params  none
-- nulls   amount of events without money
-- money   minor units
CREATE TABLE outcomes AS
SELECT e.i, e.us, e.event, e.amount
FROM  (SELECT i, at_us + 3600000000 * (1 + 31 * k.k) AS us, 'visit' AS event, CAST(NULL AS BIGINT) AS amount FROM units, range(3) AS k(k) WHERE k.k < visits
       UNION ALL
       SELECT i, at_us + 86400000000 * (2 + 5 * k.k) AS us, 'purchase' AS event, amount + 100 * k.k AS amount FROM units, range(2) AS k(k) WHERE k.k < orders
       UNION ALL
       SELECT i, at_us - 86400000000 * 2 AS us, 'visit' AS event, NULL AS amount FROM units WHERE visits > 1
       UNION ALL
       SELECT i, at_us - 86400000000 * (3 + 4 * k.k) AS us, 'purchase' AS event, amount + 50 * k.k AS amount FROM units, range(2) AS k(k) WHERE k.k < earlier
       UNION ALL
       SELECT i, at_us + 86400000000 * 12 AS us, 'refund' AS event, amount FROM units WHERE refunds > 0 AND orders > 0) AS e
ORDER  BY e.us, e.i, e.event
