package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// world is raw rows from which both the database and the oracle start.
type world struct {
	persons   []personRow
	events    []eventRow
	exposures []exposureRow
	aliases   map[string]string
	strata    map[int]string // by exposure
	costs     []costRow
	untimed   int // exposures that were refused because they have no time
}

type costRow struct {
	partner int
	day     string
	kind    string
	value   *int64
}

type personRow struct {
	id       string
	referrer int // index of the person who referred; -1 none
	flags    string
	// region and household are attributes; empty: none.
	region, household string
}

type eventRow struct {
	person   int
	referrer int // 1 + index of the person whom the event names as referrer; 0 none
	partner  int // index into partners; -1 none
	event    string
	at       time.Time
	value    *int64
	status   string
	property string // prop.plan
}

type exposureRow struct {
	experiment, unit, variant string
	at                        time.Time
}

// worlds is the number of random worlds a comparison draws: n, and as many times more as RAPID_CHECKS asks for above
// its default of 100, so that `make explore` draws other worlds too.
func worlds(t *testing.T, n uint64) uint64 {
	t.Helper()
	text := os.Getenv("RAPID_CHECKS")
	if text == "" {
		return n
	}
	checks, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("RAPID_CHECKS: %v", err)
	}
	return max(n, n*checks/100)
}

const partners = 9

func partnerID(i int) string { return fmt.Sprintf("acme-%d", i) }

var day0 = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func at(days, micros int) time.Time {
	return day0.Add(time.Duration(days)*24*time.Hour + time.Duration(micros)*time.Microsecond)
}

func minor(n int64) *int64 { return &n }

func testScope() referral.Scope {
	return referral.Scope{AsOf: at(60, 0), Calendar: referral.Calendar{Zone: time.UTC, WeekStart: time.Monday}, Currency: "EUR", MarginMicros: 800_000, Acquisition: "purchase", Confidence: 0.95}
}

// open writes the contract tables that the read-out reads.
func (w world) open(t *testing.T) *duckdb.DB {
	t.Helper()
	ctx := context.Background()
	db, err := duckdb.Open(ctx, duckdb.Options{Memory: "1GB", Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Tx(ctx, func(x engine.Tx) error { return w.write(ctx, x) }); err != nil {
		t.Fatal(err)
	}
	return db
}

func (w world) write(ctx context.Context, x engine.Tx) error {
	for _, ddl := range []string{
		"CREATE TABLE persons (person_key INTEGER, person_id VARCHAR, acquired_at TIMESTAMP, referrer_key INTEGER, flags VARCHAR, attributes VARCHAR)",
		"CREATE TABLE quarantine (source VARCHAR, column_name VARCHAR)",
		"CREATE TABLE load_manifest (source VARCHAR, kind VARCHAR)",
		"CREATE TABLE costs (partner_id VARCHAR, day DATE, kind VARCHAR, value_minor BIGINT)",
		"CREATE TABLE partner_keys (partner_key SMALLINT, partner_id VARCHAR)",
		"CREATE TABLE identities (alias VARCHAR, person_id VARCHAR)",
		"CREATE TABLE exposures (experiment VARCHAR, unit_id VARCHAR, variant VARCHAR, exposed_at TIMESTAMP, stratum VARCHAR)",
		"CREATE TABLE event_names (event_key UTINYINT, event VARCHAR)",
		"CREATE TABLE event_facts (person_key INTEGER, referrer_key INTEGER, event_key UTINYINT, partner_key SMALLINT, occurred_at TIMESTAMP, amount_minor BIGINT, value_minor BIGINT, status VARCHAR, properties VARCHAR)",
		"CREATE TABLE experiment_summary (experiment VARCHAR, metric VARCHAR, variant VARCHAR, n BIGINT, mean DECIMAL(38,9), variance DECIMAL(38,9), successes BIGINT)",
	} {
		if err := x.Exec(ctx, sqltext.Raw("ddl", ddl)); err != nil {
			return err
		}
	}
	rows := map[string][]string{}
	add := func(table, format string, args ...any) {
		rows[table] = append(rows[table], fmt.Sprintf("("+format+")", args...))
	}
	stamp := func(t time.Time) string { return t.UTC().Format("'2006-01-02 15:04:05.000000'") }
	number := func(n *int64) string {
		if n == nil {
			return "NULL"
		}
		return fmt.Sprint(*n)
	}
	key := func(i int) string {
		if i < 0 {
			return "NULL"
		}
		return fmt.Sprint(i)
	}
	acquired := map[int]time.Time{}
	names := map[string]int{}
	for _, e := range w.events {
		if _, ok := names[e.event]; !ok {
			names[e.event] = len(names)
			add("event_names", "%d, '%s'", names[e.event], e.event)
		}
		if first, ok := acquired[e.person]; e.event == "purchase" && (!ok || e.at.Before(first)) {
			acquired[e.person] = e.at
		}
		props := "NULL"
		if e.property != "" {
			props = fmt.Sprintf(`'{"plan":"%s"}'`, e.property)
		}
		add("event_facts", "%d, %s, %d, %s, %s, %s, %s, '%s', %s", e.person, key(e.referrer-1), names[e.event], key(e.partner), stamp(e.at), number(e.value), number(e.value), e.status, props)
	}
	for i, p := range w.persons {
		first := "NULL"
		if a, ok := acquired[i]; ok {
			first = stamp(a)
		}
		attributes, err := json.Marshal(map[string]string{"region": p.region, "household": p.household})
		if err != nil {
			return err
		}
		text := "'" + strings.ReplaceAll(string(attributes), `""`, "null") + "'"
		if p.region == "" && p.household == "" {
			text = "NULL"
		}
		add("persons", "%d, '%s', %s, %s, '%s', %s", i, p.id, first, key(p.referrer), p.flags, text)
	}
	for i := range partners {
		add("partner_keys", "%d, '%s'", i, partnerID(i))
	}
	for a, p := range w.aliases {
		add("identities", "'%s', '%s'", a, p)
	}
	for i, e := range w.exposures {
		stratum := "NULL"
		if text, ok := w.strata[i]; ok {
			stratum = "'" + text + "'"
		}
		add("exposures", "'%s', '%s', '%s', %s, %s", e.experiment, e.unit, e.variant, stamp(e.at), stratum)
	}
	for _, c := range w.costs {
		add("costs", "'%s', '%s', '%s', %s", partnerID(c.partner), c.day, c.kind, number(c.value))
	}
	add("load_manifest", "'seen', 'exposures'")
	add("load_manifest", "'seen', 'exposures'")
	add("load_manifest", "'shop', 'events'")
	for range w.untimed {
		add("quarantine", "'seen', 'exposed_at'")
		add("quarantine", "'seen', 'variant'")
		add("quarantine", "'shop', 'occurred_at'")
	}
	for table, values := range rows {
		for len(values) > 0 {
			n := min(len(values), 2000)
			if err := x.Exec(ctx, sqltext.Raw("fill", "INSERT INTO "+table+" VALUES "+strings.Join(values[:n], ", "))); err != nil {
				return err
			}
			values = values[n:]
		}
	}
	return nil
}

// even is a plan with equal shares, the first variant being the control.
func even(variants ...string) (control string, weights map[string]json.Number) {
	weights = map[string]json.Number{}
	for _, v := range variants {
		weights[v] = "1"
	}
	return variants[0], weights
}

func compute(t *testing.T, db engine.DB, def Definition, scope referral.Scope) Result {
	t.Helper()
	res, err := Compute(context.Background(), db, def, scope)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
