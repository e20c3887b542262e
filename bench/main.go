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
	"strings"

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
	loaded := flag.String("project", "", "measure the funnels of this loaded project instead: referral, by_partner and long")
	events := flag.String("steps", strings.Join(steps, ","), "with -project: the four events of its funnels")
	funnels := flag.Bool("funnels", false, "measure only the funnels of the generated data")
	experiments := flag.Bool("experiments", false, "measure the read-out of experiments instead")
	var x trials
	flag.Int64Var(&x.Units, "units", 10_000_000, "with -experiments: number of randomised units")
	flag.Int64Var(&x.Many, "many", 0, "with -experiments: divide the units among so many experiments and read all of them out")
	fit := flag.String("fit", "", "measure the counts at these numbers of events instead, and fit a line: 1000000,2000000,…")
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
	b := bench{vouch: vouch, repeats: *repeats, steps: strings.Split(*events, ",")}
	switch {
	case *loaded != "":
		if b.dir, err = filepath.Abs(*loaded); err != nil {
			return err
		}
		if err := machine(ctx); err != nil {
			return err
		}
		return b.printFunnels(ctx)
	case *experiments:
		if b.dir, err = filepath.Abs(x.dir(*dir)); err != nil {
			return err
		}
		if err := x.generate(ctx, b.dir); err != nil {
			return fmt.Errorf("generate: %w", err)
		}
		if err := machine(ctx); err != nil {
			return err
		}
		fmt.Printf("data: %d units in %d experiments of three variants, 60 days of exposures; %d repeats\n\n", x.Units, max(1, x.Many), b.repeats)
		return b.experiments(ctx, x)
	case *fit != "":
		if err := machine(ctx); err != nil {
			return err
		}
		return b.fit(ctx, *dir, *fit, s)
	}
	root, err := filepath.Abs(s.dir(*dir))
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "data in %s\n", root)
	if err := generate(ctx, s, root); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	b.dir = root
	if err := machine(ctx); err != nil {
		return err
	}
	fmt.Printf("data: %d events (22 %% of the funnel), %d persons, %d partners, %d days; %d repeats\n\n", s.Events, s.Persons, s.Partners, s.Days, *repeats)
	if *funnels {
		return b.onlyFunnels(ctx)
	}
	return b.all(ctx)
}

// machine prints what the figures depend on.
func machine(ctx context.Context) error {
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
	fmt.Printf("program: %s %s/%s, DuckDB %s, Arrow %v\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, version, duckdb.Arrow)
	return nil
}
