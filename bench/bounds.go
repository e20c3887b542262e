package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// bench measures one binary on one project. Bounds and commands take turns, so that a slow moment of
// the machine hits both.
type bench struct {
	vouch, dir string
	repeats    int
}

// row is one line of the table: a measurement and what it is compared with.
type row struct{ what, bound *sample }

func (b bench) all(ctx context.Context) error {
	load, bare := &sample{name: "vouch load"}, &sample{name: "CREATE TABLE AS SELECT * FROM read_parquet"}
	run := &sample{name: "vouch run (load included)"}
	for range b.repeats {
		if err := firstError(bare.timed(func() error { return b.bareLoad(ctx) }), b.fresh()); err != nil {
			return err
		}
		if err := load.process(ctx, b.vouch, "load", "--project", b.dir, "--quiet"); err != nil {
			return err
		}
	}
	rows := []row{{load, bare}}
	for _, f := range []struct{ funnel, column string }{{"referral", ""}, {"by_partner", ", sum(partner_key)"}} {
		more, err := b.funnel(ctx, f.funnel, f.column)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	for range b.repeats {
		if err := b.fresh(); err != nil {
			return err
		}
		if err := run.process(ctx, b.vouch, "run", "--project", b.dir, "--quiet"); err != nil {
			return err
		}
	}
	printTable(append(rows, row{run, load}))
	return nil
}

// fresh removes what earlier commands left, so that each load is a first one.
func (b bench) fresh() error {
	return firstError(files.RemoveAll(filepath.Join(b.dir, ".vouch")), files.RemoveAll(filepath.Join(b.dir, "out")))
}

// bareLoad reads the same files into a database file and closes it, so that the data are as durable
// as after a load.
func (b bench) bareLoad(ctx context.Context) error {
	path := filepath.Join(b.dir, "bound.duckdb")
	if err := files.Remove(path); err != nil {
		return err
	}
	data := filepath.Join(b.dir, "data")
	db, err := duckdb.Open(ctx, duckdb.Options{Path: path, AllowedDirs: []string{data}})
	if err != nil {
		return err
	}
	err = db.Exec(ctx, sqltext.Raw("bound", "CREATE TABLE events AS SELECT * FROM read_parquet(?)", filepath.Join(data, "events-*.parquet")))
	return firstError(err, db.Close(), files.Remove(path))
}

// funnel measures one funnel as a process and, by the timings it reports, its analysis alone,
// against the column bound: one pass over the same rows and columns with plain sums.
func (b bench) funnel(ctx context.Context, name, column string) ([]row, error) {
	bound := &sample{name: "column bound, " + name}
	process := &sample{name: "vouch funnel " + name + " --counts (process)"}
	stage := &sample{name: "vouch funnel " + name + " --counts (analysis)"}
	for range b.repeats {
		if err := b.columnBound(ctx, column, bound); err != nil {
			return nil, err
		}
		err := process.process(ctx, b.vouch, "funnel", name, "--project", b.dir, "--counts", "--format", "json", "--timings", "--quiet")
		if err != nil {
			return nil, err
		}
		var out struct {
			Timings map[string]float64 `json:"timings_ms"`
			Result  struct {
				Steps []struct {
					Persons int64 `json:"persons"`
				} `json:"steps"`
			} `json:"result"`
		}
		if err := json.Unmarshal([]byte(process.result), &out); err != nil {
			return nil, fmt.Errorf("%s: %w", process.name, err)
		}
		var persons []string
		for _, s := range out.Result.Steps {
			persons = append(persons, fmt.Sprint(s.Persons))
		}
		process.result = strings.Join(persons, " ")
		if ms, ok := out.Timings["funnel"]; ok {
			stage.seconds = append(stage.seconds, ms/1000)
		}
	}
	rows := []row{{process, bound}}
	if len(stage.seconds) > 0 {
		rows = append(rows, row{stage, bound})
	}
	return rows, nil
}

// columnBound adds one warm repeat of the bound over the table that the load left.
func (b bench) columnBound(ctx context.Context, column string, bound *sample) error {
	db, err := duckdb.Open(ctx, duckdb.Options{Path: filepath.Join(b.dir, ".vouch", "vouch.duckdb"), ReadOnly: true})
	if err != nil {
		return err
	}
	st := sqltext.Raw("bound", `SELECT count(*), sum(person_key), sum(epoch_us(occurred_at))`+column+` FROM event_facts
WHERE event_key IN (SELECT event_key FROM event_names WHERE event IN ('invite_sent', 'invite_clicked', 'signed_up', 'purchase'))`)
	var n int64
	persons, times, partners := new(big.Int), new(big.Int), new(big.Int)
	dest := []any{&n, bigInt{persons}, bigInt{times}}
	if column != "" {
		dest = append(dest, bigInt{partners})
	}
	pass := func() error { return engine.One(ctx, db, st, dest...) }
	err = firstError(pass(), bound.timed(pass)) // the first pass warms the cache
	bound.result = fmt.Sprintf("%d rows", n)
	return firstError(err, db.Close())
}

// bigInt scans a HUGEINT.
type bigInt struct{ v *big.Int }

// Scan implements sql.Scanner.
func (b bigInt) Scan(src any) error {
	n, ok := src.(*big.Int)
	if !ok {
		return fmt.Errorf("a sum of type %T", src)
	}
	b.v.Set(n)
	return nil
}

// printTable writes the table: seconds, processor seconds, and the ratios of the best repeats.
func printTable(rows []row) {
	fmt.Println("| measurement | min s | median s | cpu s | peak MB | lower bound | min s | median s | cpu s | ratio | cpu ratio |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		w, b := r.what, r.bound
		rss, cpu, cpuRatio := "-", "-", "-"
		if w.rssMB > 0 {
			rss = fmt.Sprint(w.rssMB)
		}
		if len(w.cpu) > 0 && len(b.cpu) > 0 {
			cpu = fmt.Sprintf("%.3f", slices.Min(w.cpu))
			cpuRatio = fmt.Sprintf("%.2f", slices.Min(w.cpu)/slices.Min(b.cpu))
		}
		fmt.Printf("| %s | %.3f | %.3f | %s | %s | %s | %.3f | %.3f | %.3f | %.2f | %s |\n",
			w.name, w.min(), w.median(), cpu, rss, b.name, b.min(), b.median(), slices.Min(b.cpu), w.min()/b.min(), cpuRatio)
	}
	fmt.Println()
	for _, r := range rows {
		if r.what.result != "" && len(r.what.result) < 200 {
			fmt.Printf("%s: %s\n", r.what.name, strings.TrimSpace(r.what.result))
		}
	}
}
