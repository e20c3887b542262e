-- funnel/person_ids: the persons of a count, whose keys are dense from 0.
-- grain   one row per person         reads  persons
-- params  none                       nulls  none      money  none
SELECT person_id
FROM   {{ table "persons" }}
ORDER  BY person_key
