-- ingest/fx: the rate to the project's currency for each foreign currency and day that needs one.
-- grain   one row per (currency, day) with a rate     reads  ingest_fx_needed, rates
-- params  the project's currency                      nulls  no earlier rate: no row; a rate beyond 38 digits: NULL
-- money   rate is in minor units of the project's currency per minor unit: the source's rate times ten
--         to the difference of the decimals, exact in 13 places
-- The rate of the day counts, else the latest earlier one; a later rate never does.
CREATE OR REPLACE TEMP TABLE ingest_fx AS
SELECT n.currency, n.day, TRY(CAST(r.rate * n.factor AS DECIMAL(38, 13))) AS rate
FROM   (SELECT n.currency, n.day, n.factor, max(r.day) AS rate_day
        FROM   ingest_fx_needed AS n JOIN rates AS r
               ON r.from_currency = n.currency AND r.to_currency = {{arg .Currency}} AND r.day <= n.day
        GROUP  BY n.currency, n.day, n.factor) AS n
JOIN   rates AS r ON r.from_currency = n.currency AND r.to_currency = {{arg .Currency}} AND r.day = n.rate_day
