package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// bench measures one binary on one project. Bounds and commands take turns, so that a slow moment of
// the machine hits both.
type bench struct {
	vouch, dir string
	steps      []string // events of the funnel
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
	more, err := b.funnels(ctx)
	if err != nil {
		return err
	}
	rows := append([]row{{load, bare}}, more...)
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

// printTable writes the table: seconds, processor seconds, and the ratios of the best repeats.
func printTable(rows []row) {
	fmt.Println("| measurement | min s | median s | cpu s | peak MB | lower bound | min s | median s | cpu s | ratio | cpu ratio |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		w, b := r.what, r.bound
		rss, cpu, cpuRatio, boundCPU := "-", "-", "-", "-"
		if w.rssMB > 0 {
			rss = fmt.Sprint(w.rssMB)
		}
		if len(w.cpu) > 0 && len(b.cpu) > 0 {
			cpu, boundCPU = fmt.Sprintf("%.3f", slices.Min(w.cpu)), fmt.Sprintf("%.3f", slices.Min(b.cpu))
			cpuRatio = fmt.Sprintf("%.2f", slices.Min(w.cpu)/slices.Min(b.cpu))
		}
		fmt.Printf("| %s | %.3f | %.3f | %s | %s | %s | %.3f | %.3f | %s | %.2f | %s |\n",
			w.name, w.min(), w.median(), cpu, rss, b.name, b.min(), b.median(), boundCPU, w.min()/b.min(), cpuRatio)
	}
	fmt.Println()
	for _, r := range rows {
		if r.what.result != "" && len(r.what.result) < 200 {
			fmt.Printf("%s: %s\n", r.what.name, strings.TrimSpace(r.what.result))
		}
	}
}
