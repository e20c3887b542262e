package cli

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/calc"
	"vouch/internal/ingest"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
	"vouch/reports"
	"vouch/reports/chart"
)

// TestJSONDoc_namesEveryField reads docs/json-output.md and wants every field that a command can
// print named, in backquotes, in the section of that command.
func TestJSONDoc_namesEveryField(t *testing.T) {
	text, err := os.ReadFile("../../docs/json-output.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := sectionsOf(string(text))
	for section, typ := range map[string]reflect.Type{
		"Envelope":    reflect.TypeFor[envelope](),
		"Estimate":    reflect.TypeFor[referral.Estimate](),
		"load":        reflect.TypeFor[ingest.Report](),
		"funnel":      reflect.TypeFor[funnel.Result](),
		"list":        reflect.TypeFor[funnel.List](),
		"cohorts":     reflect.TypeFor[cohorts.Result](),
		"experiment":  reflect.TypeFor[experiments.Result](),
		"attribution": reflect.TypeFor[attribution.Result](),
		"partners":    reflect.TypeFor[partners.Result](),
		"partner":     reflect.TypeFor[partnerAnswer](),
		"weekly":      reflect.TypeFor[reports.Weekly](),
		"power":       reflect.TypeFor[powerPlan](),
		"check":       reflect.TypeFor[checkOutcome](),
		"calc":        reflect.TypeFor[calc.Error](),
		"run":         reflect.TypeFor[headline](),
		// The results inside the files of a run have sections of their own.
		"run_results.json": reflect.TypeFor[reports.RunResults](),
		"out/NAME.json":    reflect.TypeFor[indexResult](),
	} {
		body, ok := sections[section]
		if !ok {
			t.Errorf("docs/json-output.md has no section %q", section)
			continue
		}
		for _, f := range fieldsOf(typ, map[reflect.Type]bool{}) {
			if !strings.Contains(body, "`"+f+"`") {
				t.Errorf("docs/json-output.md, section %s: field `%s` is not described", section, f)
			}
		}
	}
}

// TestJSONDoc_namesEveryReason wants every reason code that the code declares explained.
func TestJSONDoc_namesEveryReason(t *testing.T) {
	text, err := os.ReadFile("../../docs/json-output.md")
	if err != nil {
		t.Fatal(err)
	}
	body := sectionsOf(string(text))["Estimate"]
	declared := regexp.MustCompile(`[rR]eason\w*(?:\s*=|:)\s*"([a-z_]+)"`)
	found := map[string]bool{}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && len(d.Name()) > 2 && (d.Name()[0] == '.' || d.Name() == "node_modules") {
			return fs.SkipDir // tools and packages of others
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(code), -1) {
			found[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 15 {
		t.Errorf("only %d reasons were found: is this how they are declared?", len(found))
	}
	for r := range found {
		if !strings.Contains(body, "`"+r+"`") {
			t.Errorf("docs/json-output.md: reason `%s` is not explained", r)
		}
	}
}

// indexResult is the result of index.json; the other twins hold results of analyses.
type indexResult struct {
	Project reports.Project `json:"project"`
	Data    reports.Data    `json:"data"`
	Reports []string        `json:"reports"`
}

// TestJSONDoc_namesWhatIsPrinted runs every command on the small project and wants each key of its
// result named in the section of the command; so too for the files of a run.
func TestJSONDoc_namesWhatIsPrinted(t *testing.T) {
	text, err := os.ReadFile("../../docs/json-output.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := sectionsOf(string(text))
	dir := small(t)
	to := t.TempDir()
	printed := func(section string, args ...string) {
		t.Helper()
		code, out, stderr := run(t, append(args, "--project", dir, "--format", "json")...)
		if code != exitOK && code != exitGuard {
			t.Errorf("%v: code %d, %s", args, code, stderr)
			return
		}
		checkResult(t, section, "vouch."+args[0]+"/1", []byte(out), sections)
	}
	printed("init", "init", filepath.Join(to, "new"))
	printed("demo", "demo", filepath.Join(to, "demo"), "--persons", "500", "--partners", "14")
	printed("check", "check")
	printed("load", "load", "--dry-run")
	printed("load", "load")
	printed("funnel", "funnel", "referral", "--counts")
	printed("cohorts", "cohorts", "monthly")
	printed("experiment", "experiment", "reward")
	printed("attribution", "attribution", "house")
	printed("partners", "partners")
	printed("partner", "partner", "acme")
	printed("sql", "sql", "partners")
	printed("check", "check")
	printed("doctor", "doctor")
	printed("version", "version")
	printed("power", "power", "--baseline", "0.1", "--lift", "0.15", "--cluster-size", "3", "--icc", "0.05", "--per-day", "40")
	printed("export", "export", "--to", filepath.Join(to, "lake"))
	printed("backup", "backup", filepath.Join(to, "state.tgz"))
	printed("restore", "restore", filepath.Join(to, "state.tgz"), "--force")
	if _, err := chart.Version(); err != nil {
		t.Skip("the pages need the chart library: run `make assets`")
	}
	printed("run", "run")
	printed("report", "report", "weekly")
	printed("send", "send", "weekly", "--dry-run")
	for _, name := range reports.Names() {
		twin, err := os.ReadFile(filepath.Join(dir, "out", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		checkTwin(t, name, twin, sections["out/NAME.json"])
	}
}

// checkResult compares the envelope of an answer with its schema and its result with a section.
func checkResult(t *testing.T, section, schema string, answer []byte, sections map[string]string) {
	t.Helper()
	var e struct {
		Schema string
		Result any
	}
	if err := json.Unmarshal(answer, &e); err != nil {
		t.Errorf("%s: %v in %q", schema, err, answer)
		return
	}
	if e.Schema != schema {
		t.Errorf("schema %q, want %q", e.Schema, schema)
	}
	keys := keysOf(e.Result, map[string]bool{})
	if len(keys) == 0 {
		t.Errorf("%s: the result is empty", schema)
	}
	for k := range keys {
		if !strings.Contains(sections[section], "`"+k+"`") && !strings.Contains(sections["Estimate"], "`"+k+"`") &&
			!strings.Contains(sections["Envelope"], "`"+k+"`") && !strings.HasPrefix(k, "duckdb ") {
			t.Errorf("docs/json-output.md, section %s: `%s` is printed and not described", section, k)
		}
	}
}

// checkTwin wants the keys at the top of a report's result named.
func checkTwin(t *testing.T, name string, twin []byte, body string) {
	t.Helper()
	var e struct {
		Schema string
		Result map[string]any
	}
	if err := json.Unmarshal(twin, &e); err != nil {
		t.Fatal(err)
	}
	if want := "vouch.report." + name + "/1"; e.Schema != want || !strings.Contains(body, "`"+name+".json`") {
		t.Errorf("%s.json: schema %q, want %q and a line in the section", name, e.Schema, want)
	}
	for k := range e.Result {
		if !strings.Contains(body, "`"+k+"`") {
			t.Errorf("%s.json: `%s` is not described", name, k)
		}
	}
}

// keysOf collects the keys of objects. The keys below those of the list are data, not names: reasons,
// tables, options, quantiles, funnels.
func keysOf(v any, out map[string]bool) map[string]bool {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			keysOf(e, out)
		}
	case map[string]any:
		for k, e := range x {
			out[k] = true
			named, isMap := e.(map[string]any)
			if isMap && slices.Contains([]string{"excluded", "rows", "options", "velocity", "velocity_converting", "time_to_convert", "funnels", "conversion"}, k) {
				for _, below := range named {
					keysOf(below, out)
				}
				continue
			}
			keysOf(e, out)
		}
	}
	return out
}

// sectionsOf splits a document at its level-two headings. A heading is known by its first word, and
// one that lists several, divided by commas, by each.
func sectionsOf(text string) map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n## ")[1:] {
		head, body, _ := strings.Cut(part, "\n")
		for _, name := range strings.Split(head, ", ") {
			out[strings.Trim(strings.Fields(name)[0], "`")] = body
		}
	}
	return out
}

// fieldsOf lists the JSON names of a type and of everything below it except the shared parts, which
// have sections of their own.
func fieldsOf(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || t.PkgPath() == "time" {
		return nil
	}
	shared := t == reflect.TypeFor[referral.Estimate]() || t == reflect.TypeFor[referral.Finding]()
	if shared && len(seen) > 0 {
		return nil
	}
	seen[t] = true
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && name == "" { // its fields stand among those of the type
			out = append(out, fieldsOf(f.Type, seen)...)
			continue
		}
		if name == "" {
			name = f.Name
		}
		out = append(out, name)
		out = append(out, fieldsOf(f.Type, seen)...)
	}
	return out
}
