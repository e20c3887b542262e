-- bench/noise: everything else that happens, so that the funnel's events are a fifth of all.
-- grain   one event               reads  range
-- params  persons, partners, span in microseconds, number of events
-- nulls   amount always NULL      money  none
INSERT INTO raw
SELECT CAST(u % 1000003 % ? AS INTEGER), CAST(least(u // 1000003 % ?, v % 1000 * 2) AS INTEGER), CAST(v // 1000 % ? AS BIGINT),
  CASE WHEN u // 1000000007 % 100 < 45 THEN 'impression' WHEN u // 1000000007 % 100 < 65 THEN 'used' WHEN u // 1000000007 % 100 < 80 THEN 'email_opened'
    WHEN u // 1000000007 % 100 < 90 THEN 'app_opened' WHEN u // 1000000007 % 100 < 95 THEN 'shared' ELSE 'page_viewed' END,
  NULL
FROM (SELECT md5_number_lower('n' || i) AS u, md5_number_upper('n' || i) AS v FROM range(CAST(? AS BIGINT)) AS r(i)) AS d
