-- funnel/has_property: whether any event, or any person, carries a property.
-- grain   one row                    reads  event_facts or persons
-- params  the table, its JSON column, the property's name
-- nulls   a property that is absent or null is not carried                       money  none
SELECT CAST(count(*) AS BIGINT) AS found
FROM  (SELECT 1 AS one FROM {{ table .Table }} t WHERE {{ prop (print "t." .Column) .Name }} IS NOT NULL LIMIT 1) f
ORDER  BY found
