-- ingest/count_duplicates: superseded rows of each batch into the manifest.
-- grain   updates one row per batch, that of its first file     reads  event_excluded
-- params  none     nulls  a batch without any counts 0          money  none
UPDATE load_manifest SET duplicates = coalesce(c.n, 0), accepted = load_manifest.rows - load_manifest.rejected - coalesce(c.n, 0)
FROM   (SELECT m.batch_id, count(x.batch_id) AS n
        FROM   (SELECT DISTINCT batch_id FROM load_manifest) AS m
        LEFT   JOIN (SELECT batch_id FROM event_excluded WHERE reason = 'duplicate') AS x ON x.batch_id = m.batch_id
        GROUP  BY m.batch_id) AS c
WHERE  c.batch_id = load_manifest.batch_id AND load_manifest.rows > 0
