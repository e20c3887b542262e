-- experiments/summary
-- experiments/summary: an experiment whose arms were aggregated elsewhere.
-- grain   one row per (metric, variant)    reads  experiment_summary
-- params  experiment
-- nulls   mean, variance, successes as delivered     money  mean and variance in the unit of the source
SELECT metric, variant, n, CAST(mean AS VARCHAR) AS mean, CAST(variance AS VARCHAR) AS variance, successes
FROM   "experiment_summary"
WHERE  experiment = ?
ORDER  BY metric, variant
-- arguments: [reward]
