package ingest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// loaded is one file of the manifest.
type loaded struct {
	Source, Kind, File, SHA string
	Bytes, Rows             int64
	Accepted                int64
	Duplicates, Rejected    int64
	Batch                   int64
	Mapping, Columns        string
}

// hasTables reports whether a load has ever finished in this database.
func hasTables(ctx context.Context, q engine.Querier) (bool, error) {
	var n int64
	st := sqltext.Raw("ingest/has_tables", "SELECT count(*) FROM information_schema.tables WHERE table_name = 'meta' AND table_schema = 'main'")
	err := engine.One(ctx, q, st, &n)
	return n > 0, err
}

// readManifest lists what is loaded, in order of source and file.
func readManifest(ctx context.Context, q engine.Querier) ([]loaded, error) {
	st := sqltext.Raw("ingest/manifest", `SELECT source, kind, file, sha256, bytes, rows, accepted, duplicates, rejected, batch_id, mapping_sha256, columns
FROM load_manifest ORDER BY source, file, batch_id`)
	return engine.Collect(ctx, q, st, func(r *sql.Rows) (loaded, error) {
		var l loaded
		return l, r.Scan(&l.Source, &l.Kind, &l.File, &l.SHA, &l.Bytes, &l.Rows, &l.Accepted, &l.Duplicates, &l.Rejected, &l.Batch, &l.Mapping, &l.Columns)
	})
}

// readMeta returns the table meta.
func readMeta(ctx context.Context, q engine.Querier) (map[string]string, error) {
	type pair struct{ key, value string }
	pairs, err := engine.Collect(ctx, q, sqltext.Raw("ingest/meta", "SELECT key, value FROM meta ORDER BY key"), func(r *sql.Rows) (pair, error) {
		var p pair
		return p, r.Scan(&p.key, &p.value)
	})
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		out[p.key] = p.value
	}
	return out, err
}

// dataHash is the fingerprint of the data: which files with which content were read how. It does not
// depend on the order or the number of loads.
func dataHash(manifest []loaded) string {
	lines := make([]string, len(manifest))
	for i, l := range manifest {
		lines[i] = strings.Join([]string{l.Source, l.Kind, l.File, l.SHA, l.Mapping}, "\x1f")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\x1e")))
	return hex.EncodeToString(sum[:])
}

// work is what a load has to do.
type work struct {
	drop    []int64 // batches whose rows go
	units   []unit
	skipped map[string]int // files loaded before, by source
	columns map[string]string
	gone    []string // sources that the project no longer has
}

// decide compares the files of the sources with the manifest.
func decide(p Plan, sources []Source, found map[string][]file, manifest []loaded) (work, []Rejection, error) {
	w := work{skipped: map[string]int{}, columns: map[string]string{}}
	bySource := map[string][]loaded{}
	next := int64(1)
	for _, l := range manifest {
		bySource[l.Source] = append(bySource[l.Source], l)
		next = max(next, l.Batch+1)
	}
	var problems []Rejection
	for _, s := range sources {
		units, bad, err := w.source(p, s, found[s.Name], bySource[s.Name])
		if err != nil {
			return work{}, nil, err
		}
		problems = append(problems, bad...)
		for _, u := range units {
			u.batch = next
			next++
			w.units = append(w.units, u)
		}
	}
	if p.Only == "" {
		w.forget(p, manifest)
	}
	slices.Sort(w.drop)
	w.drop = slices.Compact(w.drop)
	return w, problems, nil
}

// source decides for one source: new and changed files are loaded, and all of them again when the
// mapping changed.
func (w *work) source(p Plan, s Source, found []file, before []loaded) ([]unit, []Rejection, error) {
	hash, err := mappingHash(s, p)
	if err != nil {
		return nil, nil, err
	}
	table, err := tableOf(s)
	if err != nil {
		return nil, nil, err
	}
	have := map[string]loaded{}
	anew := s.SQL != "" && !sameFiles(found, before)
	for _, l := range before {
		have[l.File] = l
		anew = anew || l.Mapping != hash
		w.columns[s.Name] = l.Columns
	}
	if anew && len(before) > 0 {
		if bad := missingNow(s, found, before); len(bad) > 0 {
			return nil, bad, nil
		}
		for _, l := range before {
			w.drop = append(w.drop, l.Batch)
		}
		have = nil
		delete(w.columns, s.Name)
	}
	make1 := func(fs ...file) unit { return unit{source: s, table: table, files: fs, hash: hash} }
	if s.SQL != "" {
		if len(found) == 0 || !anew {
			w.skipped[s.Name] = len(found)
			return nil, nil, nil
		}
		return []unit{make1(found...)}, nil, nil
	}
	var units []unit
	for _, f := range found {
		l, known := have[f.name]
		if known && l.SHA == f.sha {
			w.skipped[s.Name]++
			continue
		}
		if known {
			w.drop = append(w.drop, l.Batch)
		}
		units = append(units, make1(f))
	}
	return units, nil, nil
}

// missingNow lists the files that were loaded and can no longer be read: loading the source anew
// would lose their rows without a word.
func missingNow(s Source, found []file, before []loaded) []Rejection {
	var out []Rejection
	for _, l := range before {
		if !slices.ContainsFunc(found, func(f file) bool { return f.name == l.File }) {
			out = append(out, Rejection{
				Source: s.Name, File: l.File, Code: CodeFileGone,
				Message: "the source must be read anew, because its mapping or one of its files changed, and this file of an earlier load is gone",
				Hint:    "put it back, or delete the database and load what there is",
			})
		}
	}
	return out
}

func sameFiles(found []file, before []loaded) bool {
	if len(found) != len(before) {
		return false
	}
	for i, f := range found {
		if before[i].File != f.name || before[i].SHA != f.sha {
			return false
		}
	}
	return true
}

// forget drops the rows of sources that the project no longer has: what is analysed is what the
// project describes, and a source under a new name would count twice.
func (w *work) forget(p Plan, manifest []loaded) {
	for _, l := range manifest {
		if slices.ContainsFunc(p.Sources, func(s Source) bool { return s.Name == l.Source }) {
			continue
		}
		w.drop = append(w.drop, l.Batch)
		if !slices.Contains(w.gone, l.Source) {
			w.gone = append(w.gone, l.Source)
		}
	}
}

// dropBatches deletes every trace of batches.
func dropBatches(ctx context.Context, tx engine.Tx, tables []string, batches []int64) error {
	if len(batches) == 0 {
		return nil
	}
	for _, t := range tables {
		text := fmt.Sprintf("DELETE FROM %s WHERE batch_id IN (%s)", ident(t), numbers(batches))
		if err := tx.Exec(ctx, sqltext.Raw("ingest/drop_batches", text)); err != nil {
			return err
		}
	}
	return nil
}
