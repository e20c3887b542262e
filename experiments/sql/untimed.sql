-- experiments/untimed: exposures without a time.
-- grain   one row                         reads  exposures, quarantine, load_manifest
-- params  experiment
-- nulls   none                            money  none
-- A row whose time is missing or unreadable is refused at loading and kept in quarantine, with that text but without its
-- experiment: such rows are counted for every experiment.
SELECT (SELECT count(*) FROM {{ table "exposures" }} WHERE experiment = {{ arg .Name }} AND exposed_at IS NULL) +
       (SELECT count(*) FROM {{ table "quarantine" }} AS q
        WHERE  q.column_name = 'exposed_at' AND q.source IN (SELECT source FROM {{ table "load_manifest" }} WHERE kind = 'exposures')) AS untimed
