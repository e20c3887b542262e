package reports_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/referral"
	"vouch/reports"
	"vouch/reports/reportstest"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"Müller & Söhne 北京 שלום":     "Müller & Söhne 北京 שלום",
		"a\x1b[31mred\x07\x00":       "a\ufffd[31mred\ufffd\ufffd",
		"evil\u202egnp.exe":          "evil\ufffdgnp.exe",
		"a\u2066b\u2069c\u202ad":     "a\ufffdb\ufffdc\ufffdd",
		"two\r\nlines\tand\u2028one": "two  lines and one",
		"bytes \xff\xfe":             "bytes \ufffd",
		"\u0085\u009b\x7f\ufeff":     "\ufffd\ufffd\ufffd\ufffd",
		"👩\u200d💻 \u200fab":          "👩\u200d💻 \u200fab",
	} {
		if got := reports.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// poisoned returns the rich bundle with control characters and endless texts wherever the data names
// something.
func poisoned() *reports.Bundle {
	b := reportstest.Rich()
	const bad = "ev\x1b[2Jil\x07\x00\u202egnp"
	long := "begin " + strings.Repeat("x", 1<<20) + " end"
	b.Project.Name = bad + b.Project.Name
	b.Findings = append(b.Findings, referral.Finding{Code: "bad\x1bcode", Subject: bad, Detail: bad}, referral.Finding{Code: "late", Subject: long, Detail: "of " + long})
	b.Partners.Partners[0].Name, b.Partners.Partners[1].Name = bad, long
	b.Partners.Partners[2].PartnerID = long
	b.Weekly.Movers[0].Name, b.Weekly.Movers[1].Name = bad, long
	b.Funnels[0].Steps[1].Name = bad
	b.Data.Sources[0].Name = bad
	b.Data.Excluded["bad\x1bkey"] = 3
	b.Nodes[0].Name = bad
	return b
}

func TestRender_controlCharactersAndEndlessNames(t *testing.T) {
	before, err := json.Marshal(poisoned())
	if err != nil {
		t.Fatal(err)
	}
	b := poisoned()
	out, plain := rendered(t, b), rendered(t, reportstest.Rich())
	sizes := map[string]int{}
	for _, f := range plain {
		sizes[f.Path] = len(f.Data)
	}
	for _, f := range out {
		if !utf8.Valid(f.Data) {
			t.Errorf("%s is not UTF-8", f.Path)
		}
		text := string(f.Data)
		if i := strings.IndexFunc(text, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r == '\u202e'
		}); i >= 0 {
			t.Errorf("%s holds a control character at %d: %q", f.Path, i, text[max(0, i-30):min(len(text), i+30)])
		}
		for _, escaped := range []string{`\u001b`, `\u0007`, `\u0000`, `\u202e`, "&#27;", "&#x1b;"} {
			if strings.Contains(text, escaped) && strings.HasSuffix(f.Path, ".json") {
				t.Errorf("%s holds an escaped control character %s", f.Path, escaped)
			}
		}
		if !strings.HasSuffix(f.Path, ".json") && len(f.Data) > sizes[f.Path]+200_000 {
			t.Errorf("%s grew from %d to %d bytes by two long names", f.Path, sizes[f.Path], len(f.Data))
		}
	}
	after, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("rendering changed the bundle")
	}
}

// Names stand apart from the text around them, so that one written from right to left turns nothing else.
func TestRender_namesAreIsolated(t *testing.T) {
	b := reportstest.Rich()
	b.Partners.Partners[0].Name = "שלום עולם"
	b.Weekly.Movers[0].Name = "שלום עולם"
	out := rendered(t, b)
	for _, f := range out {
		if f.Path != "partners.html" && f.Path != "weekly.html" {
			continue
		}
		body, _, _ := strings.Cut(string(f.Data), `<script type="application/json"`)
		if !strings.Contains(body, "<bdi>שלום עולם</bdi>") {
			t.Errorf("%s does not isolate the name", f.Path)
		}
		rest := strings.NewReplacer("<bdi>שלום עולם</bdi>", "", "\u2068שלום עולם\u2069", "").Replace(body)
		for _, line := range strings.Split(rest, "\n") {
			line = attributes.Replace(line)
			if i := strings.Index(line, ">שלום"); i >= 0 {
				t.Errorf("%s: %s", f.Path, line[i:min(len(line), i+80)])
			}
		}
	}
}

var attributes = strings.NewReplacer(`title="`, "", `data-sort="`, "")

// Pages and e-mail are made of a copy.
func TestSummarize_leavesTheBundleAlone(t *testing.T) {
	b := reportstest.Rich()
	s, err := reports.Summarize(b)
	if err != nil {
		t.Fatal(err)
	}
	if s.Project != b.Project.Name {
		t.Errorf("project %q", s.Project)
	}
	again := reportstest.Rich()
	if d := cmp.Diff(again, b, cmpopts.EquateEmpty(), cmpopts.EquateComparable()); d != "" {
		t.Error(d)
	}
}
