package ingest

import (
	"context"
	"database/sql"
	"slices"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
)

// metaSteps is the key of meta that lists the event keys of step_facts.
const metaSteps = "step_keys"

// chooseSteps lists the keys of the events that funnels name, if a copy of their rows is worth having:
// they are at most half of all.
func (l *loader) chooseSteps(ctx context.Context, q engine.Querier) ([]int64, error) {
	type name struct {
		key, rows int64
		event     string
	}
	st := sqltext.Raw("ingest/step_keys", "SELECT CAST(event_key AS BIGINT), CAST(rows AS BIGINT), event FROM event_names ORDER BY event_key")
	names, err := engine.Collect(ctx, q, st, func(r *sql.Rows) (n name, err error) {
		err = r.Scan(&n.key, &n.rows, &n.event)
		return n, err
	})
	if err != nil {
		return nil, err
	}
	var keys []int64
	var all, steps int64
	for _, n := range names {
		all += n.rows
		if slices.Contains(l.plan.Steps, n.event) {
			keys, steps = append(keys, n.key), steps+n.rows
		}
	}
	if 2*steps > all {
		return nil, nil
	}
	return keys, nil
}

// copySteps writes step_facts anew, or removes it.
func copySteps(ctx context.Context, tx engine.Tx, keys []int64) error {
	if err := tx.Exec(ctx, sqltext.Raw("ingest/step_facts", "DROP TABLE IF EXISTS "+schema.StepFacts)); err != nil || len(keys) == 0 {
		return err
	}
	return run(ctx, tx, "step_facts", map[string]any{"Keys": keys})
}

func noteSteps(ctx context.Context, tx engine.Tx, keys []int64) error {
	if err := tx.Exec(ctx, sqltext.Raw("ingest/meta", "DELETE FROM meta WHERE key = ?", metaSteps)); err != nil || len(keys) == 0 {
		return err
	}
	return tx.Exec(ctx, sqltext.Raw("ingest/meta", "INSERT INTO meta (key, value) VALUES (?, ?)", metaSteps, numbers(keys)))
}

// renewSteps follows a change of the funnels when there is nothing to load.
func (l *loader) renewSteps(ctx context.Context, db engine.Writer) error {
	keys, err := l.chooseSteps(ctx, db)
	if err != nil || numbers(keys) == l.old[metaSteps] || l.plan.DryRun {
		return err
	}
	return db.Tx(ctx, func(tx engine.Tx) error {
		if err := copySteps(ctx, tx, keys); err != nil {
			return err
		}
		return noteSteps(ctx, tx, keys)
	})
}
