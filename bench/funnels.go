package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
)

// The best exact SQL that is known for the same question, printed beside.
var (
	//go:embed sql/asof.sql
	asofSQL string
	//go:embed sql/windows.sql
	windowsSQL string
)

// onlyFunnels loads the generated data once and measures the funnels.
func (b bench) onlyFunnels(ctx context.Context) error {
	load := &sample{name: "load"}
	if err := load.process(ctx, b.vouch, "load", "--project", b.dir, "--quiet"); err != nil {
		return err
	}
	return b.printFunnels(ctx)
}

func (b bench) printFunnels(ctx context.Context) error {
	rows, err := b.funnels(ctx)
	if err == nil {
		printTable(rows)
	}
	return err
}

// funnels measures counting: against the column bound, over the facts as they lie and shuffled, with and
// without the narrow copy of their steps, few steps and many, counts alone and with every view, and beside
// them the same question in SQL.
func (b bench) funnels(ctx context.Context) ([]row, error) {
	bounds, err := b.columnBounds(ctx)
	if err != nil {
		return nil, err
	}
	var rows []row
	measure := func(label, funnel string, bound *sample, more ...string) (process, stage *sample, err error) {
		process, stage = &sample{name: label + ", process"}, &sample{name: label + ", analysis"}
		for range b.repeats {
			if err := b.count(ctx, funnel, process, stage, more...); err != nil {
				return nil, nil, err
			}
		}
		if bound == nil {
			bound = process
		}
		rows = append(rows, row{process, bound}, row{stage, bound})
		return process, stage, nil
	}
	counts, inside, err := measure("counts", "referral", bounds["facts"], "--counts")
	if err != nil {
		return nil, err
	}
	rows = append(rows, row{inside, bounds["copy"]})
	partner, insidePartner, err := measure("counts by partner", "by_partner", bounds["facts by partner"], "--counts")
	if err != nil {
		return nil, err
	}
	rows = append(rows, row{insidePartner, bounds["copy by partner"]})
	for _, x := range []struct {
		label, funnel string
		bound         *sample
		args          []string
	}{
		{"64 steps", "long", counts, []string{"--counts"}},
		{"every view", "referral", counts, nil},
		{"every view by partner", "by_partner", partner, nil},
	} {
		if _, _, err := measure(x.label, x.funnel, x.bound, x.args...); err != nil {
			return nil, err
		}
	}
	for _, x := range []struct{ label, forget string }{{"without the copy", "step_keys"}, {"unclustered", "clustered"}} {
		back, err := b.forget(ctx, x.forget)
		if err != nil {
			return nil, err
		}
		_, _, err = measure("counts "+x.label, "referral", bounds["facts"], "--counts")
		if err == nil {
			_, _, err = measure("counts by partner "+x.label, "by_partner", bounds["facts by partner"], "--counts")
		}
		if err := firstError(err, back()); err != nil {
			return nil, err
		}
	}
	peers, err := b.peers(ctx, bounds["facts"])
	return append(rows, peers...), err
}

// columnBounds measures the bound over both tables, with and without the partner.
func (b bench) columnBounds(ctx context.Context) (map[string]*sample, error) {
	bounds := map[string]*sample{}
	for _, x := range []struct{ name, table, column string }{
		{"facts", "event_facts", ""},
		{"facts by partner", "event_facts", ", sum(partner_key)"},
		{"copy", "step_facts", ""},
		{"copy by partner", "step_facts", ", sum(partner_key)"},
	} {
		bounds[x.name] = &sample{name: "column bound of " + x.name}
		for range b.repeats {
			if err := b.columnBound(ctx, x.table, x.column, bounds[x.name]); err != nil {
				return nil, err
			}
		}
	}
	return bounds, nil
}

// peers measures the same counts stated in SQL.
func (b bench) peers(ctx context.Context, bound *sample) ([]row, error) {
	var rows []row
	for _, x := range []struct{ name, text string }{{"ASOF joins", asofSQL}, {"chained windows", windowsSQL}} {
		s := &sample{name: "DuckDB, " + x.name}
		for range b.repeats {
			if err := b.sql(ctx, x.text, s); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row{s, bound})
	}
	return rows, nil
}

// count adds one repeat of a funnel command: the process, and the analysis by the timings it reports.
func (b bench) count(ctx context.Context, funnel string, process, stage *sample, more ...string) error {
	argv := append([]string{b.vouch, "funnel", funnel, "--project", b.dir, "--format", "json", "--timings", "--quiet"}, more...)
	if err := process.process(ctx, argv...); err != nil {
		return err
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
		return fmt.Errorf("%s: %w", process.name, err)
	}
	var persons []string
	for _, s := range out.Result.Steps {
		persons = append(persons, fmt.Sprint(s.Persons))
	}
	process.result = strings.Join(persons, " ")
	stage.seconds = append(stage.seconds, out.Timings["funnel"]/1000)
	return nil
}

// columnBound adds one warm repeat of the bound over a table that the load left: the rows and columns of the
// funnel with plain sums.
func (b bench) columnBound(ctx context.Context, table, column string, bound *sample) error {
	return b.reading(ctx, func(db *duckdb.DB) error {
		st := sqltext.Raw("bound", fmt.Sprintf(`SELECT count(*), sum(person_key), sum(epoch_us(occurred_at))%s FROM %s
WHERE event_key IN (SELECT event_key FROM event_names WHERE event IN (%s))`, column, table, b.quoted()))
		var n int64
		persons, times, partners := new(big.Int), new(big.Int), new(big.Int)
		dest := []any{&n, bigInt{persons}, bigInt{times}}
		if column != "" {
			dest = append(dest, bigInt{partners})
		}
		pass := func() error { return engine.One(ctx, db, st, dest...) }
		err := firstError(pass(), bound.timed(pass)) // the first pass warms the cache
		bound.result = fmt.Sprintf("%d rows", n)
		return err
	})
}

// sql adds one warm repeat of a statement that counts the four steps.
func (b bench) sql(ctx context.Context, text string, s *sample) error {
	return b.reading(ctx, func(db *duckdb.DB) error {
		args := make([]any, len(b.steps))
		for i, step := range b.steps {
			args[i] = step
		}
		st := sqltext.Raw("peer", text, args...)
		n := make([]int64, len(b.steps))
		dest := make([]any, len(n))
		for i := range n {
			dest[i] = &n[i]
		}
		pass := func() error { return engine.One(ctx, db, st, dest...) }
		err := firstError(pass(), s.timed(pass))
		s.result = strings.Trim(fmt.Sprint(n), "[]")
		return err
	})
}

func (b bench) reading(ctx context.Context, f func(*duckdb.DB) error) error {
	db, err := duckdb.Open(ctx, duckdb.Options{Path: filepath.Join(b.dir, ".vouch", "vouch.duckdb"), ReadOnly: true})
	if err != nil {
		return err
	}
	return firstError(f(db), db.Close())
}

// forget takes a key out of the table meta, as if the load had left it unset, and returns what puts it back.
func (b bench) forget(ctx context.Context, key string) (func() error, error) {
	var value string
	change := func(f func(engine.Tx) error) error {
		db, err := duckdb.Open(ctx, duckdb.Options{Path: filepath.Join(b.dir, ".vouch", "vouch.duckdb")})
		if err != nil {
			return err
		}
		return firstError(db.Tx(ctx, f), db.Close())
	}
	err := change(func(tx engine.Tx) error {
		if err := engine.One(ctx, tx, sqltext.Raw("meta", "SELECT value FROM meta WHERE key = ?", key), &value); err != nil {
			return err
		}
		return tx.Exec(ctx, sqltext.Raw("meta", "DELETE FROM meta WHERE key = ?", key))
	})
	return func() error {
		return change(func(tx engine.Tx) error {
			return tx.Exec(ctx, sqltext.Raw("meta", "INSERT INTO meta (key, value) VALUES (?, ?)", key, value))
		})
	}, err
}

func (b bench) quoted() string { return "'" + strings.Join(b.steps, "', '") + "'" }

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
