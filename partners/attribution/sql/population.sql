-- attribution/population: how many person keys a scan has to cover; they are dense from 0.
-- grain   one row                          reads  persons
-- params  none                             money  none
SELECT count(*) AS persons
FROM   {{ table "persons" }}
