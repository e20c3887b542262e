package main

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

var (
	//go:embed sql/units.sql
	unitsSQL string
	//go:embed sql/outcomes.sql
	outcomesSQL string
	// The statement that the read-out is held against.
	//go:embed sql/handwritten.sql
	handwrittenSQL string
)

// trials says how many units are randomised, into one experiment or many.
type trials struct{ Units, Many int64 }

// dir names the cached project of a size.
func (s trials) dir(root string) string {
	return filepath.Join(root, fmt.Sprintf("ex-%d-%d", s.Units, s.Many))
}

// exposureDays is the length of the period in which units are first exposed; the outcome window of the last ones is
// over at as-of.
const exposureDays = 60

const trialsTemplate = `version: 1
project: bench
timezone: UTC
currency: EUR
as_of: 2026-06-01
margin: 0.5
acquisition: {event: purchase}
revenue: {events: [purchase], refunds: [refund]}
sources:
  - {name: events, kind: events, files: data/events.parquet}
  - {name: exposures, kind: exposures, files: data/exposures.parquet}
experiments:
`

const trialTemplate = `  NAME:
    control: v0
    weights: {v0: 1, v1: 1, v2: 1}
    window: 30d
    cuped: {before: 28d}
    rewards: {v1: 100, v2: 200}
    metrics:
      - {name: paid, kind: proportion, event: purchase, role: primary}
      - {name: revenue, kind: mean, event: purchase}
      - {name: orders, kind: mean, event: purchase, value: count}
      - {name: basket, kind: ratio, event: purchase, per: {event: purchase}}
      - {name: visits, kind: mean, event: visit, value: count}
      - {name: refunded, kind: proportion, event: refund, role: guardrail, lower_is_better: true}
`

// names are those of the experiments: offer, or as many as asked for.
func (s trials) names() []string {
	if s.Many == 0 {
		return []string{"offer"}
	}
	var out []string
	for i := range s.Many {
		out = append(out, fmt.Sprintf("offer%d", i))
	}
	return out
}

// generate writes the project of a size unless a finished one is there.
func (s trials) generate(ctx context.Context, dir string) error {
	text := trialsTemplate
	for _, name := range s.names() {
		text += strings.ReplaceAll(trialTemplate, "NAME", name)
	}
	config := filepath.Join(dir, "vouch.yaml")
	if files.Exists(config) {
		return files.WriteAtomic(config, []byte(text))
	}
	data := filepath.Join(dir, "data")
	if err := firstError(files.RemoveAll(data), files.MkdirAll(data)); err != nil {
		return err
	}
	scratch := filepath.Join(dir, "generate.duckdb")
	if err := files.Remove(scratch); err != nil {
		return err
	}
	db, err := duckdb.Open(ctx, duckdb.Options{Path: scratch, AllowedDirs: []string{data}})
	if err != nil {
		return err
	}
	err = s.write(ctx, db, data)
	if err := firstError(err, db.Close(), files.Remove(scratch)); err != nil {
		return err
	}
	return files.WriteAtomic(config, []byte(text))
}

func (s trials) write(ctx context.Context, db *duckdb.DB, data string) error {
	name := "'offer'"
	if s.Many > 0 {
		name = fmt.Sprintf("'offer' || (i %% %d)", s.Many)
	}
	for _, st := range []sqltext.Stmt{
		sqltext.Raw("units", unitsSQL, s.Units, int64(exposureDays*dayMicros)),
		sqltext.Raw("outcomes", outcomesSQL),
		// COPY takes no placeholders; the numbers are ours.
		sqltext.Raw("events", fmt.Sprintf(`COPY (SELECT 'e' || row_number() OVER () AS event_id, 'p' || lpad(CAST(i AS VARCHAR), 8, '0') AS person_id, event, make_timestamp(%d + us) AS occurred_at, amount AS amount_minor
FROM outcomes) TO '%s' (FORMAT parquet, COMPRESSION zstd)`, int64(firstInstant)+30*dayMicros, filepath.Join(data, "events.parquet"))),
		sqltext.Raw("exposures", fmt.Sprintf(`COPY (SELECT %s AS experiment, 'p' || lpad(CAST(i AS VARCHAR), 8, '0') AS unit_id, 'v' || arm AS variant, make_timestamp(%d + at_us) AS exposed_at
FROM units ORDER BY at_us, i) TO '%s' (FORMAT parquet, COMPRESSION zstd)`, name, int64(firstInstant)+30*dayMicros, filepath.Join(data, "exposures.parquet"))),
	} {
		if err := db.Exec(ctx, st); err != nil {
			return fmt.Errorf("%s: %w", st.Name, err)
		}
	}
	return nil
}

// experiments loads the data once and measures reading out: one experiment against the statement written by hand, or
// many at once against one.
func (b bench) experiments(ctx context.Context, s trials) error {
	load := &sample{name: "load"}
	if !files.Exists(filepath.Join(b.dir, ".vouch", "vouch.duckdb")) {
		if err := load.process(ctx, b.vouch, "load", "--project", b.dir, "--quiet"); err != nil {
			return err
		}
	}
	process, stage, hand := &sample{name: "read-out, process"}, &sample{name: "read-out, analysis"}, &sample{name: "statement by hand"}
	argv := []string{b.vouch, "experiment", "offer", "--project", b.dir, "--format", "json", "--timings", "--quiet"}
	if s.Many > 0 {
		argv = []string{b.vouch, "experiment", "--project", b.dir, "--format", "json", "--timings", "--quiet"}
		process.name, stage.name, hand.name = fmt.Sprintf("%d read-outs, process", s.Many), fmt.Sprintf("%d read-outs, analysis", s.Many), "one of them, process"
	}
	for range b.repeats {
		if err := process.process(ctx, argv...); err != nil {
			return err
		}
		if err := stage.analysis(process); err != nil {
			return err
		}
		var err error
		if s.Many > 0 {
			err = hand.process(ctx, b.vouch, "experiment", "offer0", "--project", b.dir, "--format", "json", "--quiet")
			hand.result = ""
		} else {
			err = b.byHand(ctx, hand)
		}
		if err != nil {
			return err
		}
	}
	if s.Many == 0 {
		if err := process.sums(); err != nil {
			return err
		}
		if process.result != hand.result {
			return fmt.Errorf("the read-out says %s, the statement by hand %s", process.result, hand.result)
		}
	}
	stage.result = ""
	printTable([]row{{process, hand}, {stage, hand}})
	return nil
}

// analysis takes the time of the read-outs from the answer of a process: all its stages.
func (s *sample) analysis(of *sample) error {
	var out struct {
		Timings map[string]float64 `json:"timings_ms"`
	}
	if err := json.Unmarshal([]byte(of.result), &out); err != nil {
		return fmt.Errorf("%s: %w", of.name, err)
	}
	if len(out.Timings) == 0 {
		return fmt.Errorf("%s: no timings", of.name)
	}
	total := 0.0
	for _, ms := range out.Timings {
		total += ms
	}
	s.seconds = append(s.seconds, total/1000)
	return nil
}

// sums replaces an answer by the units, orders and revenue of every variant, to be held against the other way.
func (s *sample) sums() error {
	var out struct {
		Result struct {
			Arms []struct {
				Variant string `json:"variant"`
				N       int64  `json:"n"`
			} `json:"arms"`
			Metrics []struct {
				Name string `json:"name"`
				Arms []struct {
					Value struct {
						Numerator json.Number `json:"numerator"`
					} `json:"value"`
				} `json:"arms"`
			} `json:"metrics"`
		} `json:"result"`
	}
	if err := json.Unmarshal([]byte(s.result), &out); err != nil {
		return err
	}
	sum := map[string][]json.Number{}
	for _, m := range out.Result.Metrics {
		for _, a := range m.Arms {
			sum[m.Name] = append(sum[m.Name], a.Value.Numerator)
		}
	}
	var lines []string
	for i, a := range out.Result.Arms {
		lines = append(lines, fmt.Sprintf("%s %d units %s orders %s revenue", a.Variant, a.N, sum["orders"][i], sum["revenue"][i]))
	}
	s.result = strings.Join(lines, ", ")
	return nil
}

// byHand adds one warm repeat of the statement.
func (b bench) byHand(ctx context.Context, s *sample) error {
	return b.reading(ctx, func(db *duckdb.DB) error {
		var lines []string
		pass := func() error {
			got, err := engine.Collect(ctx, db, sqltext.Raw("by hand", handwrittenSQL), func(r *sql.Rows) (string, error) {
				columns, err := r.Columns()
				if err != nil {
					return "", err
				}
				values, dest := make([]any, len(columns)), make([]any, len(columns))
				for i := range dest {
					dest[i] = &values[i]
				}
				err = r.Scan(dest...)
				return fmt.Sprintf("%s %v units %v orders %v revenue", values[0], values[1], values[2], values[3]), err
			})
			lines = got
			return err
		}
		err := firstError(pass(), s.timed(pass)) // the first pass warms the cache
		s.result = strings.Join(lines, ", ")
		return err
	})
}
