package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/files"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
)

// ErrInTheWay says that something is there already which would be overwritten or mixed up.
var ErrInTheWay = errors.New("not empty")

// exported lists the tables a cluster reads beside the events: the derived ones and every input.
func exported() []string {
	out := []string{schema.EventNames, schema.PartnerKeys, "flags", schema.Quarantine, schema.Acquisitions}
	for _, t := range schema.Inputs() {
		if t.Name != "events" {
			out = append(out, t.Name)
		}
	}
	return out
}

// Export writes the contract tables below dir as Parquet: events in Hive folders by local day
// (events/dt=2026-11-16/…), every other table as one file in a folder of its own. Only types of the
// portable subset are written. The folder must not exist or be empty, so that no file of an older
// export is read along. It returns the rows written by table.
func (p *Project) Export(ctx context.Context, dir string) (map[string]int64, error) {
	if es, err := files.ReadDir(dir); err == nil && len(es) > 0 {
		return nil, fmt.Errorf("%s: %w: an export needs a new folder", dir, ErrInTheWay)
	}
	if err := files.MkdirAll(dir); err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	events := fmt.Sprintf("SELECT e.*, f.day AS dt FROM %s AS e JOIN %s AS f USING (source, event_id) ORDER BY f.day, f.person_key, f.occurred_at, f.event_id",
		schema.Events, schema.EventFacts)
	n, err := p.copyOut(ctx, events, filepath.Join(dir, "events"), ", PARTITION_BY (dt)")
	if err != nil {
		return nil, fmt.Errorf("export events: %w", err)
	}
	rows["events"] = n
	for _, t := range exported() {
		sub := filepath.Join(dir, t)
		if err := files.MkdirAll(sub); err != nil {
			return nil, err
		}
		n, err := p.copyOut(ctx, "SELECT * FROM "+p.DB.Dialect().Ident(t)+" ORDER BY ALL", filepath.Join(sub, t+".parquet"), "")
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", t, err)
		}
		rows[t] = n
	}
	return rows, nil
}

// copyOut runs one COPY. The target is a literal because the engine takes no placeholder there; the
// engine itself refuses paths outside the folders it was given.
func (p *Project) copyOut(ctx context.Context, query, target, options string) (int64, error) {
	text := fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION zstd%s)", query, strings.ReplaceAll(target, "'", "''"), options)
	var n int64
	err := engine.One(ctx, p.DB, sqltext.Raw("export", text), &n)
	return n, err
}
