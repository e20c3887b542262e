-- funnel/persons: how many person keys there are; they are dense from 0.
-- grain   one row                    reads  persons
-- params  none                       nulls  none      money  none
SELECT CAST(count(*) AS BIGINT) AS persons
FROM   {{ table "persons" }}
ORDER  BY persons
