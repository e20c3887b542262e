// Command bench measures loading, funnels and whole runs, each as the ratio to a lower bound taken
// in the same run on the same data: what DuckDB alone needs to do the part of the work that cannot
// be avoided. It is no test; a ratio says how much is left to gain, seconds depend on the machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var s size
	flag.Int64Var(&s.Events, "events", 10_000_000, "number of events")
	flag.Int64Var(&s.Persons, "persons", 1_000_000, "number of persons")
	flag.Int64Var(&s.Partners, "partners", 2_000, "number of partners")
	flag.Int64Var(&s.Days, "days", 90, "length of the period")
	dir := flag.String("dir", "bench/data", "folder for the generated data, kept for the next run")
	binary := flag.String("vouch", "bin/vouch", "the binary to measure")
	repeats := flag.Int("repeats", 3, "repeats of each measurement")
	flag.Parse()
	if s.Events < 1000 || s.Persons < 1 || s.Partners < 1 || s.Days < 1 || *repeats < 1 || flag.NArg() > 0 {
		flag.Usage()
		return fmt.Errorf("at least 1000 events and one of everything else")
	}
	vouch, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	if !files.Exists(vouch) {
		return fmt.Errorf("%s: %w", vouch, errNoBinary)
	}
	root, err := filepath.Abs(s.dir(*dir))
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "data in %s\n", root)
	if err := generate(ctx, s, root); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	b := bench{vouch: vouch, dir: root, repeats: *repeats}
	if err := facts(ctx, s, *repeats); err != nil {
		return err
	}
	return b.all(ctx)
}

// facts prints what the figures depend on.
func facts(ctx context.Context, s size, repeats int) error {
	db, err := duckdb.Open(ctx, duckdb.Options{})
	if err != nil {
		return err
	}
	version, err := db.Version(ctx)
	if err := firstError(err, db.Close()); err != nil {
		return err
	}
	memory := "unknown"
	if n, err := files.TotalMemory(); err == nil {
		memory = fmt.Sprintf("%d MB", n>>20)
	}
	fmt.Printf("machine: %s, %d threads, %s memory, load average %s\n", processor(), runtime.GOMAXPROCS(0), memory, load())
	fmt.Printf("program: %s %s/%s, DuckDB %s, Arrow %v\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, version, duckdb.Arrow)
	fmt.Printf("data: %d events (22 %% of the funnel), %d persons, %d partners, %d days; %d repeats\n\n", s.Events, s.Persons, s.Partners, s.Days, repeats)
	return nil
}
