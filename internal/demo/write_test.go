package demo

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
)

func generateTo(t *testing.T, dir string, o Options) *Truth {
	t.Helper()
	truth, err := Generate(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return truth
}

// content reads every file below dir.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrite_sameSeedSameBytes(t *testing.T) {
	o := Options{Seed: 3, Persons: 600, Partners: 20}
	a, b, c := t.TempDir(), t.TempDir(), t.TempDir()
	generateTo(t, a, o)
	generateTo(t, b, o)
	o.Seed = 4
	generateTo(t, c, o)
	first, second, other := content(t, a), content(t, b), content(t, c)
	want := []string{
		"data/billing/2025.csv", "data/billing/2026.csv", "data/contacts.csv", "data/costs.csv.zst", "data/exposures.csv",
		"data/identities.csv", "data/invites.csv.gz", "data/onboarding.csv", "data/partners.csv", "data/persons.csv",
		"data/product.ndjson.gz", "data/rates.csv", "data/service.csv", "data/targets.csv", "data/web/from-2026-04.parquet",
		"data/web/to-2026-03.parquet", "truth.json", "vouch.yaml",
	}
	if len(first) != len(want) {
		t.Errorf("%d files, want %d", len(first), len(want))
	}
	for _, name := range want {
		if first[name] == "" || first[name] != second[name] {
			t.Errorf("%s: %d bytes, then %d with the same seed", name, len(first[name]), len(second[name]))
		}
		fixed := name == "vouch.yaml" || name == "data/targets.csv"
		if (first[name] == other[name]) != fixed {
			t.Errorf("%s with another seed: same is %v", name, !fixed)
		}
	}
}

func TestWrite_overwritesADemoOnly(t *testing.T) {
	dir := t.TempDir()
	generateTo(t, dir, Options{Seed: 1, Persons: 100, Partners: 14})
	small := content(t, dir)["truth.json"]
	generateTo(t, dir, Options{Seed: 1, Persons: 200, Partners: 14})
	if content(t, dir)["truth.json"] == small {
		t.Error("the second demo left the first in place")
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "vouch.yaml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Write(context.Background(), other, Options{Persons: 100, Partners: 14})
	if !errors.Is(err, ErrNotDemo) || !strings.Contains(err.Error(), "empty folder") {
		t.Errorf("a folder with somebody's project: %v", err)
	}
	if got := content(t, other); len(got) != 1 || got["vouch.yaml"] != "mine" {
		t.Errorf("the refused folder now holds %v", got)
	}
}

func TestWrite_refusesImpossibleSizes(t *testing.T) {
	for _, o := range []Options{{Persons: -1}, {Persons: 10_000_000}, {Persons: 10, Partners: 13}, {Persons: 10, Partners: 1000}} {
		dir := filepath.Join(t.TempDir(), "new")
		if err := Write(context.Background(), dir, o); err == nil || !strings.Contains(err.Error(), "choose") {
			t.Errorf("%+v: %v", o, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%+v left a folder behind", o)
		}
	}
}

func TestWrite_cancelledLeavesNoProject(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	if err := Write(ctx, dir, Options{Persons: 100, Partners: 14}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if got := content(t, dir); len(got) != 0 {
		t.Errorf("files left behind: %d", len(got))
	}
}

// lines opens a text file, packed or not.
func lines(t *testing.T, path string) io.Reader {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return bytes.NewReader(b)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(lines(t, path)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, c := range r {
			row[all[0][i]] = c
		}
		out = append(out, row)
	}
	return out
}

// The files hold the rows the books say, counted with other readers than those that wrote them.
func TestWrite_rowsAreThoseOfTheBooks(t *testing.T) {
	dir := t.TempDir()
	truth := generateTo(t, dir, Options{Seed: 9, Persons: 2000, Partners: 30})
	at := func(name string) string { return filepath.Join(dir, "data", name) }

	got := map[string]int64{}
	got[srcInvites] = int64(len(table(t, at("invites.csv.gz"))))
	billing := append(table(t, at("billing/2025.csv")), table(t, at("billing/2026.csv"))...)
	got[srcBilling] = int64(len(billing))
	scan := bufio.NewScanner(lines(t, at("product.ndjson.gz")))
	for scan.Scan() {
		var line map[string]any
		if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		got[srcProduct]++
	}
	db, err := duckdb.Open(context.Background(), duckdb.Options{AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var web, crawled, unordered, costs int64
	count := sqltext.Raw("count", "SELECT count(*), count(*) FILTER (WHERE user_agent LIKE '%bot%'), count(*) FILTER (WHERE received_at < occurred_at) FROM read_parquet("+quoted(at("web/*.parquet"))+")")
	if err := engine.One(context.Background(), db, count, &web, &crawled, &unordered); err != nil {
		t.Fatal(err)
	}
	got[srcWeb] = web
	if diff := cmp.Diff(truth.Rows.BySource, got); diff != "" {
		t.Errorf("rows by source (-books +files):\n%s", diff)
	}
	if crawled == 0 || unordered != 0 {
		t.Errorf("%d web events of crawlers, %d received before they happened", crawled, unordered)
	}
	if err := engine.One(context.Background(), db, sqltext.Raw("costs", "SELECT count(DISTINCT kind) FROM read_csv("+quoted(at("costs.csv.zst"))+", all_varchar = true)"), &costs); err != nil {
		t.Fatal(err)
	}
	if costs != 7 {
		t.Errorf("%d kinds of costs, want all 7", costs)
	}
	ids, repeated := map[string]bool{}, int64(0)
	for _, r := range billing {
		if ids[r["line"]] {
			repeated++
		}
		ids[r["line"]] = true
		if negative := strings.HasPrefix(r["amount"], "-"); negative != (r["type"] == "credit_note") {
			t.Fatalf("a %s of %s", r["type"], r["amount"])
		}
	}
	if repeated != truth.Rows.Duplicates[srcBilling] {
		t.Errorf("%d repeated lines in billing, the books say %d", repeated, truth.Rows.Duplicates[srcBilling])
	}
	names := map[string]bool{}
	for _, r := range table(t, at("partners.csv")) {
		names[r["company"]] = true
	}
	for _, n := range []string{hostileName, "O'Connell Partners", "さくら商事", "Bergmann & Söhne"} {
		if !names[n] {
			t.Errorf("no partner is called %s", n)
		}
	}
	for _, e := range truth.Experiments {
		for variant, n := range e.Units {
			if n == 0 {
				t.Errorf("nobody saw %s", variant)
			}
		}
	}
}

// Every key of truth.json is explained in the documentation.
func TestTruth_keysAreDocumented(t *testing.T) {
	dir := t.TempDir()
	generateTo(t, dir, Options{Seed: 1, Persons: 400, Partners: 14})
	doc, err := os.ReadFile("../../docs/json-output.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(doc), "\n## truth.json\n")
	if !ok {
		t.Fatal("docs/json-output.md has no section truth.json")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var truth map[string]any
	if err := json.Unmarshal([]byte(content(t, dir)["truth.json"]), &truth); err != nil {
		t.Fatal(err)
	}
	// Below these the keys are data: partners, currencies, events, variants, metrics.
	data := map[string]bool{
		"by": true, "by_source": true, "duplicates": true, "excluded": true, "events": true, "by_currency": true, "cost_by_kind": true,
		"last_touch": true, "last_click_30d": true, "partners": true, "by_partner": true, "by_archetype": true, "experiments": true,
		"planned_shares": true, "true_shares": true, "units": true, "metrics": true, "funnels": true, "arms": true,
	}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				if !data[key] && !strings.Contains(section, "`"+k+"`") {
					t.Errorf("%q is not documented", k)
				}
				walk(k, x)
			}
		case []any:
			for _, x := range v {
				walk("", x)
			}
		}
	}
	walk("", truth)
}
