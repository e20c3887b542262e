-- quality/rings: cycles of two or three persons who referred each other.
-- grain   one row per member; third is NULL in a cycle of two      reads  persons
-- params  as of (UTC, exclusive)           money  none
SELECT a.person_id AS person_id, b.person_id AS referrer, CAST(NULL AS VARCHAR) AS third,
       greatest(a.first_seen, b.first_seen) AS since
FROM   {{ table "persons" }} AS a
JOIN   {{ table "persons" }} AS b ON b.person_key = a.referrer_key
WHERE  b.referrer_key = a.person_key AND a.person_key <> b.person_key
  AND  a.first_seen < {{ arg .AsOf }} AND b.first_seen < {{ arg .AsOf }}
UNION  ALL
SELECT a.person_id, b.person_id, c.person_id, greatest(a.first_seen, b.first_seen, c.first_seen)
FROM   {{ table "persons" }} AS a
JOIN   {{ table "persons" }} AS b ON b.person_key = a.referrer_key
JOIN   {{ table "persons" }} AS c ON c.person_key = b.referrer_key
WHERE  c.referrer_key = a.person_key
  AND  a.person_key <> b.person_key AND b.person_key <> c.person_key AND a.person_key <> c.person_key
  AND  a.first_seen < {{ arg .AsOf }} AND b.first_seen < {{ arg .AsOf }} AND c.first_seen < {{ arg .AsOf }}
ORDER  BY 1
