package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// ranks lists the packages of this module from low to high; packages on one line have the same
// rank. A package imports only packages of lower ranks.
var ranks = [][]string{
	{"referral"},
	{"internal/stats", "internal/files", "partners/incentive", "internal/publicdata"},
	{"internal/schema"},
	{"internal/sqltext"},
	{"internal/engine"},
	{"internal/engine/duckdb", "internal/engine/trino"},
	{"internal/ingest", "partners/attribution", "partners/quality"},
	{"internal/ingest/ingesttest"},
	{"partners/ledger"},
	{"funnel"},
	{"cohorts/ltv"},
	{"cohorts"},
	{"experiments"},
	{"partners"},
	{"reports/chart"},
	{"reports"},
	{"reports/reportstest"},
	{"reports/digest"},
	{"internal/demo", "internal/calc", "internal/config"},
	{"internal/demo/validate"},
	{"internal/pipeline"},
	{"internal/cli"},
	{"cmd/vouch", "bench", "examples", "internal/arch"},
}

// owners names the only packages that may import a dependency, directly and outside tests.
var owners = map[string][]string{
	"github.com/duckdb/duckdb-go":           {"internal/engine/duckdb"},
	"github.com/apache/arrow-go":            {"internal/engine/duckdb"},
	"github.com/trinodb/trino-go-client":    {"internal/engine/trino"},
	"gonum.org/v1/gonum/mat":                {"internal/stats", "cohorts", "cohorts/ltv", "partners", "partners/attribution"},
	"gonum.org/v1/gonum/optimize":           {"internal/stats", "cohorts", "cohorts/ltv", "partners", "partners/attribution"},
	"gonum.org/v1/gonum":                    {"internal/stats"},
	"gonum.org/v1/plot":                     {"reports/chart"},
	"github.com/go-echarts":                 {"reports/chart"},
	"github.com/dop251/goja":                {"reports/chart"},
	"github.com/wneessen/go-mail":           {"reports/digest"},
	"github.com/gofrs/flock":                {"internal/files"},
	"go.yaml.in/yaml":                       {"internal/config"},
	"github.com/santhosh-tekuri/jsonschema": {"internal/config"},
	"github.com/spf13/cobra":                {"internal/cli"},
	"os":                                    {"internal/files", "internal/cli", "cmd/vouch", "bench", "internal/ingest/ingesttest", "internal/publicdata"},
	"os/exec":                               {"internal/cli", "bench"},
	"flag":                                  {"internal/cli", "cmd/vouch", "bench"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", "duckdb_arrow", "-json=ImportPath,Imports", "vouch/...")
	out, err := cmd.Output()
	if err != nil {
		var ee *exec.ExitError
		if errors.As(err, &ee) {
			t.Fatalf("go list: %s", ee.Stderr)
		}
		t.Fatal(err)
	}
	var ps []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
}

func rankOf(path string) (int, bool) {
	for r, names := range ranks {
		for _, n := range names {
			if path == "vouch/"+n {
				return r, true
			}
		}
	}
	return 0, false
}

func TestImports_onlyLowerRanks(t *testing.T) {
	for _, p := range packages(t) {
		r, ok := rankOf(p.ImportPath)
		if !ok {
			t.Errorf("%s has no rank: give it one in internal/arch and ARCHITECTURE.md", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, "vouch/") {
				continue
			}
			if ri, known := rankOf(imp); known && ri >= r {
				t.Errorf("%s (rank %d) imports %s (rank %d): only lower ranks are allowed", p.ImportPath, r, imp, ri)
			}
			if imp == "vouch/internal/ingest/ingesttest" || imp == "vouch/reports/reportstest" || imp == "vouch/internal/publicdata" {
				t.Errorf("%s imports %s outside a test", p.ImportPath, imp)
			}
		}
	}
}

func TestImports_singleOwners(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "vouch/")
		for _, imp := range p.Imports {
			if dep, ok := ownedBy(imp); ok && !slices.Contains(owners[dep], name) {
				t.Errorf("%s imports %s, which belongs to %s alone", p.ImportPath, imp, strings.Join(owners[dep], ", "))
			}
		}
	}
}

// ownedBy returns the longest key of owners that the import falls under.
func ownedBy(imp string) (string, bool) {
	best := ""
	for dep := range owners {
		if (imp == dep || strings.HasPrefix(imp, dep+"/") && strings.Contains(dep, ".")) && len(dep) > len(best) {
			best = dep
		}
	}
	return best, best != ""
}

// TestReferral_standardLibraryOnly keeps the vocabulary free of everything else.
func TestReferral_standardLibraryOnly(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "vouch/referral" {
			continue
		}
		for _, imp := range p.Imports {
			if strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") || strings.HasPrefix(imp, "vouch/") {
				t.Errorf("referral imports %s: the standard library only", imp)
			}
		}
		return
	}
	t.Fatal("vouch/referral was not listed")
}
