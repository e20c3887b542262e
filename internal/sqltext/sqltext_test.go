package sqltext

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/referral"
)

func set(files map[string]string) *Set {
	fsys := fstest.MapFS{}
	for n, text := range files {
		fsys["sql/"+n+".sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return MustLoad("test", fsys)
}

func TestRender_argumentsInOrderOfWriting(t *testing.T) {
	s := set(map[string]string{"q": `SELECT {{arg .B}}, {{range .List}}{{arg .}}, {{end}}{{if .Skip}}{{arg .A}}{{end}}{{prop "j" .Name}}, {{arg .At}}, {{arg .A}}`})
	data := struct {
		A, B int
		List []string
		Skip bool
		Name string
		At   time.Time
	}{A: 1, B: 2, List: []string{"x", "y; DROP TABLE a"}, Name: "plan", At: time.Date(2026, 1, 2, 3, 4, 5, 6789, time.FixedZone("", 7200))}
	got, err := s.Render(DuckDB{}, "q", data)
	if err != nil {
		t.Fatal(err)
	}
	want := Stmt{
		Name: "test/q",
		Text: `SELECT ?, ?, ?, json_extract_string(j, '/' || replace(replace(?, '~', '~0'), '/', '~1')), CAST(? AS TIMESTAMP), ?`,
		Args: []any{2, "x", "y; DROP TABLE a", "plan", "2026-01-02 01:04:05.000006", 1},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got, err = s.Render(Trino{}, "q", data)
	if err != nil {
		t.Fatal(err)
	}
	want.Text = `SELECT ?, ?, ?, json_extract_scalar(j, '$["' || ? || '"]'), CAST(? AS TIMESTAMP(6)), ?`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestRender_valuesNeverReachTheText: whatever the value, the text is the same and there are as many
// placeholders as arguments.
func TestRender_valuesNeverReachTheText(t *testing.T) {
	s := set(map[string]string{"q": `SELECT a FROM t WHERE a = {{arg .a}} AND {{prop "j" .b}} = {{arg .c}}`})
	plain, err := s.Render(DuckDB{}, "q", map[string]any{"a": "", "b": "", "c": ""})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.String(), 3, 3).Draw(t, "values")
		got, err := s.Render(DuckDB{}, "q", map[string]any{"a": v[0], "b": v[1], "c": v[2]})
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != plain.Text || strings.Count(got.Text, "?") != len(got.Args) {
			t.Fatalf("text became %s with %d arguments", got.Text, len(got.Args))
		}
		if d := cmp.Diff([]any{v[0], v[1], v[2]}, got.Args); d != "" {
			t.Fatal(d)
		}
	})
}

func TestRender_twiceGivesTheSame(t *testing.T) {
	s := set(map[string]string{"q": "SELECT {{arg .}}"})
	for range 2 { // arguments of an earlier rendering must not stay behind
		got, err := s.Render(DuckDB{}, "q", 7)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(Stmt{Name: "test/q", Text: "SELECT ?", Args: []any{7}}, got); d != "" {
			t.Error(d)
		}
	}
}

func TestRender_overrideOfOneDialect(t *testing.T) {
	s := set(map[string]string{"steps": "portable", "steps.trino": "for trino", "other": "portable", "only.duckdb": "for duckdb"})
	for _, c := range []struct {
		d          Dialect
		name, want string
	}{
		{DuckDB{}, "steps", "portable"},
		{Trino{}, "steps", "for trino"},
		{DuckDB{}, "other", "portable"},
		{Trino{}, "other", "portable"},
		{DuckDB{}, "only", "for duckdb"},
	} {
		got, err := s.Render(c.d, c.name, nil)
		if err != nil || got.Text != c.want || got.Name != "test/"+c.name {
			t.Errorf("%s for %s: %+v, %v", c.name, c.d.Name(), got, err)
		}
	}
	if _, err := s.Render(Trino{}, "only", nil); err == nil {
		t.Error("a statement of DuckDB alone was rendered for Trino")
	}
	if d := cmp.Diff([]string{"other", "steps"}, s.Names()); d != "" {
		t.Error(d)
	}
}

// TestRender_include: the values of an included statement stand where its text stands.
func TestRender_include(t *testing.T) {
	s := set(map[string]string{
		"outer":       "SELECT {{arg .A}} FROM ({{include \"inner\" .In}}) x WHERE {{arg .B}}",
		"inner":       "-- test/inner: a header\n-- of two lines\nduckdb {{arg .}}\n",
		"inner.trino": "trino {{arg .}}",
		"broken":      "{{include \"nothing\" .}}",
	})
	last := int64(3)
	data := map[string]any{"A": 1, "B": &last, "In": 2}
	for d, want := range map[Dialect]string{DuckDB{}: "SELECT ? FROM (duckdb ?) x WHERE ?", Trino{}: "SELECT ? FROM (trino ?) x WHERE ?"} {
		got, err := s.Render(d, "outer", data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Stmt{Name: "test/outer", Text: want, Args: []any{1, 2, int64(3)}}, got); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := s.Render(DuckDB{}, "broken", nil); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("a statement that is not there is included: %v", err)
	}
}

func TestRender_mistakes(t *testing.T) {
	s := set(map[string]string{"q": "SELECT {{arg .Window}}", "neg": "{{interval .}}"})
	for name, call := range map[string]func() error{
		`has no statement "nothing"`: func() error { _, err := s.Render(DuckDB{}, "nothing", nil); return err },
		"map has no entry":           func() error { _, err := s.Render(DuckDB{}, "q", map[string]any{"window": 1}); return err },
		"can't evaluate field":       func() error { _, err := s.Render(DuckDB{}, "q", struct{ W int }{1}); return err },
		"negative interval":          func() error { _, err := s.Render(DuckDB{}, "neg", referral.Duration(-1)); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
}

func TestMustLoad_mistakesOfTheProgram(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no files":          {},
		"broken template":   {"q": "SELECT {{arg .A"},
		"unknown function":  {"q": "SELECT {{argh .A}}"},
		"unknown dialect":   {"q": "x", "q.trnio": "x"},
		"two infixes":       {"q.duckdb.trino": "x"},
		"broken expression": {"q": "{{end}}"},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was loaded", name)
				}
			}()
			set(files)
		}()
	}
}

func TestInterval(t *testing.T) {
	s := set(map[string]string{"q": "{{interval .}}"})
	for _, c := range []struct {
		v             referral.Duration
		duckdb, trino string
	}{
		{0, "INTERVAL '0' SECOND", "INTERVAL '0' SECOND"},
		{7 * referral.DayLen, "INTERVAL '604800' SECOND", "INTERVAL '604800' SECOND"},
		{referral.Second + 50_000, "INTERVAL '1.05' SECOND", "INTERVAL '1.05' SECOND"},
		{1000, "INTERVAL '0.001' SECOND", "INTERVAL '0.001' SECOND"},
		{1, "INTERVAL '0.000001' SECOND", ""},
	} {
		for d, want := range map[Dialect]string{DuckDB{}: c.duckdb, Trino{}: c.trino} {
			got, err := s.Render(d, "q", c.v)
			if want == "" && !errors.Is(err, ErrUnsupported) || want != "" && (err != nil || got.Text != want) {
				t.Errorf("%d for %s: %q, %v", c.v, d.Name(), got.Text, err)
			}
		}
	}
}

func TestIdentAndTable_areQuoted(t *testing.T) {
	s := set(map[string]string{"q": `{{ident .}} {{table .}} {{exact "a"}}`})
	got, err := s.Render(DuckDB{}, "q", `a"; DROP TABLE b; --`)
	want := `"a""; DROP TABLE b; --" "a""; DROP TABLE b; --" CAST(a AS DECIMAL(38,0))`
	if err != nil || got.Text != want {
		t.Errorf("got %s, %v", got.Text, err)
	}
}

func TestRaw(t *testing.T) {
	got := Raw("ddl", "SELECT ?", 1)
	if d := cmp.Diff(Stmt{Name: "ddl", Text: "SELECT ?", Args: []any{1}}, got); d != "" {
		t.Error(d)
	}
}

// TestDialects_texts is what a reviewer reads of each dialect; that DuckDB's give the meant values
// is shown by the truth table in internal/engine/duckdb, which runs them.
func TestDialects_texts(t *testing.T) {
	for _, c := range []struct {
		d    Dialect
		want string
	}{
		{DuckDB{}, `duckdb|"a""b"|CAST(? AS TIMESTAMP)|epoch_us(x)|CAST(date_trunc('week', x) AS DATE)|date_diff('day', a, b)|` +
			`json_extract_string(j, '/' || replace(replace(?, '~', '~0'), '/', '~1'))|(CAST(('0x' || substr(md5(x), 1, 8)) AS BIGINT) % 16)|` +
			`CAST(json_extract(j, '/' || replace(replace(?, '~', '~0'), '/', '~1')) AS VARCHAR)`},
		{Trino{}, `trino|"a""b"|CAST(? AS TIMESTAMP(6))|CAST(to_unixtime(x) * 1e6 AS BIGINT)|date_trunc('week', x)|date_diff('day', a, b)|` +
			`json_extract_scalar(j, '$["' || ? || '"]')|(from_base(substr(to_hex(md5(to_utf8(x))), 1, 8), 16) % 16)|json_format(json_extract(j, '$["' || ? || '"]'))`},
	} {
		d := c.d
		got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s|%s", d.Name(), d.Ident(`a"b`), d.TimestampArg(), d.Micros("x"), d.TruncDate(referral.Week, "x"),
			d.DaysBetween("a", "b"), d.JSONText("j"), d.Bucket("x", 16), d.JSON("j"))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}
