-- ingest/identity_map: the person each alias finally means; chains are followed.
-- grain   one row per alias      reads  identities
-- params  none; depth is that of the longest chain found, beyond 64 links it is a cycle
-- nulls   none                   money  none
CREATE OR REPLACE TEMP TABLE ingest_identity_map AS
WITH RECURSIVE walk(alias, person_id, depth) AS (
  SELECT alias, person_id, 1 FROM identities WHERE alias <> person_id
  UNION ALL
  SELECT w.alias, i.person_id, w.depth + 1
  FROM   walk AS w JOIN identities AS i ON i.alias = w.person_id
  WHERE  i.alias <> i.person_id AND w.depth <= 64
)
SELECT alias, arg_max(person_id, depth) AS person_id, max(depth) AS depth
FROM   walk
GROUP  BY alias
