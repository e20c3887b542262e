package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// write makes a project of a txtar text and returns its folder.
func write(t testing.TB, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load reads a project of one file.
func load(t testing.TB, text string) *Config {
	t.Helper()
	cfg, err := Load(write(t, "-- vouch.yaml --\n"+text), os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestLoad_namesFilesAsTheCallerSeesThem(t *testing.T) {
	dir := write(t, "-- vouch.yaml --\nversion: 1\ninclude: [a/b.yaml]\n-- a/b.yaml --\nmargin: 2\n")
	_, err := Load(dir, os.Getenv)
	if want := filepath.Join(dir, "a", "b.yaml") + ":1:9: margin: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
	t.Chdir(filepath.Dir(dir))
	_, err = Load(filepath.Base(dir), os.Getenv)
	if want := filepath.Join(filepath.Base(dir), "a", "b.yaml") + ":1:9: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestLoad_paths(t *testing.T) {
	dir := write(t, "-- vouch.yaml --\nversion: 1\ndatabase: state/x.duckdb\n")
	abs := filepath.Join(t.TempDir(), "pages")
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), []byte("version: 1\ndatabase: state/x.duckdb\nout: "+abs+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(dir, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.DatabasePath(), filepath.Join(dir, "state", "x.duckdb"); got != want {
		t.Errorf("database %s, want %s", got, want)
	}
	if got := cfg.OutPath(); got != abs {
		t.Errorf("out %s, want %s", got, abs)
	}
	if cfg.Root != dir {
		t.Errorf("root %s, want %s", cfg.Root, dir)
	}
}

// A link is followed before a path is judged: neither an include nor an output may leave the
// project by one.
func TestLoad_linksDoNotLeadOut(t *testing.T) {
	dir := write(t, "-- vouch.yaml --\nversion: 1\ninclude: [link/a.yaml]\n")
	if err := os.Symlink(write(t, "-- a.yaml --\nfunnels:\n"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, os.Getenv); err == nil || !strings.Contains(err.Error(), `"link/a.yaml" is outside the project`) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), []byte("version: 1\nout: link/out\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, os.Getenv); err == nil || !strings.Contains(err.Error(), `"link/out" leads out of the project`) {
		t.Errorf("got %v", err)
	}
}

func TestLoad_hugeFile(t *testing.T) {
	dir := t.TempDir()
	text := "version: 1\n" + strings.Repeat("#", maxFile)
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, os.Getenv); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), []byte(text[:maxFile]), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, os.Getenv); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
}

func TestLoad_unreadableFile(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads every file")
	}
	dir := write(t, "-- vouch.yaml --\nversion: 1\n")
	if err := os.Chmod(filepath.Join(dir, "vouch.yaml"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, os.Getenv); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

func TestLoad_reportIsBounded(t *testing.T) {
	_, err := Load(write(t, "-- vouch.yaml --\nversion: 1\n"+strings.Repeat("zz: 1\n", 2000)), os.Getenv)
	var ps referral.Problems
	if !errors.As(err, &ps) || len(ps) != maxProblems+1 {
		t.Fatalf("%d problems", len(ps))
	}
	if got := ps[maxProblems]; got.Msg != "and 1500 more problems from here on" || got.Line != 502 {
		t.Errorf("%+v", got)
	}
}

// TestLoad_deepNesting gives lists within lists within lists: the answer is a refusal, not a stack
// overflow.
func TestLoad_deepNesting(t *testing.T) {
	for _, n := range []int{100, 5_000, 200_000} {
		dir := write(t, "-- vouch.yaml --\nversion: 1\nfunnels: {f: {steps: [{where: {x: "+strings.Repeat("[", n)+strings.Repeat("]", n)+"}}]}}\n")
		if _, err := Load(dir, os.Getenv); n > 10_000 && err == nil {
			t.Errorf("%d levels were accepted", n)
		}
	}
}

func TestConfig_hash(t *testing.T) {
	base := "-- vouch.yaml --\nversion: 1\ninclude: [a.yaml]\n-- a.yaml --\nmargin: 0.5\n"
	hash := func(archive string) string {
		t.Helper()
		cfg, err := Load(write(t, archive), os.Getenv)
		if err != nil {
			t.Fatal(err)
		}
		return cfg.Hash()
	}
	first := hash(base)
	if len(first) != 64 {
		t.Errorf("%q is not a SHA-256", first)
	}
	if again := hash(base); again != first {
		t.Errorf("the folder or the time changed the hash: %s, %s", first, again)
	}
	for name, changed := range map[string]string{
		"a value":      strings.Replace(base, "0.5", "0.6", 1),
		"a comment":    base + "# note\n",
		"a file name":  strings.ReplaceAll(base, "a.yaml", "b.yaml"),
		"which file":   "-- vouch.yaml --\nversion: 1\ninclude: [a.yaml]\nmargin: 0.5\n-- a.yaml --\nfunnels:\n",
		"file removed": "-- vouch.yaml --\nversion: 1\nmargin: 0.5\n",
	} {
		if hash(changed) == first {
			t.Errorf("%s changed and the hash did not", name)
		}
	}
}

func TestConfig_names(t *testing.T) {
	cfg := load(t, "version: 1\nfunnels: {f: {steps: [a, b]}}\ncohorts: {c: {by: week}}\nattribution: {a: {conversion: x, touches: [y]}}\n")
	if got := []string{cfg.Funnels["f"].Name, cfg.Cohorts["c"].Name, cfg.Attribution["a"].Name}; !cmp.Equal(got, []string{"f", "c", "a"}) {
		t.Errorf("definitions are named %v", got)
	}
}

func TestScope_asOf(t *testing.T) {
	cfg := load(t, "version: 1\ntimezone: Europe/Berlin\nmargin: 0.8\nweek_start: sunday\ncurrency: USD\nacquisition: {event: paid}\n")
	now := time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC) // 00:30 of the 30th in Berlin
	for asOf, want := range map[string]string{
		"":                             "2026-03-29T22:00:00Z", // the 29th, a day of 23 hours, is over
		"2026-03-28":                   "2026-03-28T23:00:00Z",
		"2026-03-29":                   "2026-03-29T22:00:00Z",
		"2026-10-25":                   "2026-10-25T23:00:00Z", // a day of 25 hours
		"2026-03-01T12:00:00Z":         "2026-03-01T12:00:00Z",
		"2026-03-01T12:00:00+05:30":    "2026-03-01T06:30:00Z",
		"2026-03-01 12:00:00+05:30":    "2026-03-01T06:30:00Z",
		"2026-03-01T12:00:00":          "2026-03-01T11:00:00Z",
		"2026-07-01 12:00":             "2026-07-01T10:00:00Z",
		"2026-03-01T12:00:00.0000001Z": "2026-03-01T12:00:00.000001Z",
	} {
		s, err := cfg.Scope(now, asOf)
		if err != nil {
			t.Errorf("%q: %v", asOf, err)
			continue
		}
		if got := s.AsOf.Format(time.RFC3339Nano); got != want || s.AsOf.Location() != time.UTC {
			t.Errorf("%q: %s, want %s", asOf, got, want)
		}
	}
	s, err := cfg.Scope(now, "2026-03-28")
	if err != nil {
		t.Fatal(err)
	}
	if s.Currency != "USD" || s.MarginMicros != 800_000 || s.Acquisition != "paid" || s.Confidence != 0.95 ||
		s.Calendar.Zone.String() != "Europe/Berlin" || s.Calendar.WeekStart != time.Sunday {
		t.Errorf("scope %+v", s)
	}
	for _, bad := range []string{"yesterday", "2026-13-01", "2026-03-01T25:00", "1969-12-30", "16.11.2026"} {
		if _, err := cfg.Scope(now, bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestScope_prefersTheCallThenTheFile(t *testing.T) {
	cfg := load(t, "version: 1\nas_of: 2026-01-31\n")
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for asOf, want := range map[string]string{"": "2026-02-01T00:00:00Z", "2026-05-01": "2026-05-02T00:00:00Z"} {
		s, err := cfg.Scope(now, asOf)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.AsOf.Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", asOf, got, want)
		}
	}
}

func TestMarginMicros(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1_000_000, "0.8": 800_000, "0.000001": 1, "0.999999": 999_999, "1.000000": 1_000_000, "0.50000000": 500_000,
	} {
		if got, err := marginMicros(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "-0", "1.000001", "0.0000001", ".5", "5e-1", "1/2", "0x0", "NaN", strings.Repeat("0", 80)} {
		if got, err := marginMicros(bad); err == nil {
			t.Errorf("%q gave %d", bad, got)
		}
	}
}

func TestCheckEvents(t *testing.T) {
	cfg := load(t, `version: 1
acquisition: {event: purchse}
revenue: {events: [purchase, renewal]}
funnels:
  f:
    steps:
      - invite_sent
      - {name: clicked, event: invite_clickd}
      - {name: paid, any_of: [[{field: event, op: "=", value: purchase}], [{field: event, op: "=", value: paymnt}], [{field: prop.x, op: "=", value: other}]]}
    exclusions: [{event: refnd, from: 0, to: 1}]
cohorts: {c: {activity: [used]}}
attribution: {a: {conversion: purchase, touches: [signedup]}}
`)
	got := CheckEvents(cfg, []string{"invite_sent", "invite_clicked", "purchase", "refund", "used", "signed_up", "payment"})
	var lines []string
	for _, p := range got {
		lines = append(lines, strings.TrimPrefix(p.String(), p.File+":"))
	}
	want := []string{
		`2:22: acquisition.event: "purchse" is not in the event catalogue (did you mean "purchase"?)`,
		`3:30: revenue.events[1]: "renewal" is not in the event catalogue (the data have no such event)`,
		`8:32: funnels.f.steps[1].event: "invite_clickd" is not in the event catalogue (did you mean "invite_clicked"?)`,
		`9:107: funnels.f.steps[2].any_of[1][0].value: "paymnt" is not in the event catalogue (did you mean "payment"?)`,
		`10:26: funnels.f.exclusions[0].event: "refnd" is not in the event catalogue (did you mean "refund"?)`,
		`12:51: attribution.a.touches[0]: "signedup" is not in the event catalogue (did you mean "signed_up"?)`,
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
	// Defaults are nobody's typing mistake.
	if got := CheckEvents(load(t, "version: 1\n"), []string{"install"}); got != nil {
		t.Errorf("complains of defaults: %v", got)
	}
}

func TestPlaces_find(t *testing.T) {
	ps := places{"": {line: 1}, "a": {line: 2}, "a.b[1]": {line: 3}, "a.b[1].prop.x": {line: 4}}
	for path, want := range map[string]int{
		"": 1, "z": 1, "a": 2, "a.b": 2, "a.b[0]": 2, "a.b[1]": 3, "a.b[1].c.d[7]": 3, "a.b[1].prop.x": 4, "a.b[1].prop.y": 3,
	} {
		if got := ps.find(path).line; got != want {
			t.Errorf("%q: line %d, want %d", path, got, want)
		}
	}
}

// FuzzLoad: whatever the bytes, Load answers with a configuration or with problems that have a
// place, the same each time, and never crashes.
func FuzzLoad(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		found, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range found {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, FileName), text, 0o666); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(dir, os.Getenv)
		_, again := Load(dir, os.Getenv)
		if err == nil {
			if cfg == nil || again != nil || cfg.Version != Version {
				t.Fatalf("%+v, %v", cfg, again)
			}
			if _, err := cfg.Scope(time.Unix(1_700_000_000, 0), ""); err != nil {
				t.Fatalf("a loaded configuration has no scope: %v", err)
			}
			return
		}
		var ps referral.Problems
		if !errors.As(err, &ps) || len(ps) == 0 {
			t.Fatalf("%T %v", err, err)
		}
		if again == nil || again.Error() != err.Error() {
			t.Fatalf("two loads differ:\n%v\n%v", err, again)
		}
		for _, p := range ps {
			if p.File == "" || p.Line < 1 || p.Col < 1 || p.Msg == "" {
				t.Fatalf("a problem without place or message: %+v", p)
			}
		}
	})
}

// The limit of names is checked beside the pattern, which the schema states in full.
func TestIsIdentifier(t *testing.T) {
	full := regexp.MustCompile(identifier)
	for _, name := range []string{
		"", "a", "7", "é", "_a", "-a", "a_-", "a b", "a\n", "\n", "a.b", "\xff", "日本", strings.Repeat("a", 64), strings.Repeat("a", 65),
		strings.Repeat("é", 64), strings.Repeat("é", 65), "a" + strings.Repeat("-", 63), "a" + strings.Repeat("-", 64),
	} {
		if got := isIdentifier(name); got != full.MatchString(name) {
			t.Errorf("%q: %v", name, got)
		}
	}
}
