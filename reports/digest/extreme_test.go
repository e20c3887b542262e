package digest_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"vouch/reports/reportstest"
)

// Pictures of weeks in which nothing happened are flat, not a panic.
func TestCompose_flatSeries(t *testing.T) {
	number := func(v float64) *float64 { return &v }
	for name, series := range map[string][]*float64{
		"all zero": {number(0), number(0), number(0)}, "all equal": {number(700), number(700)}, "single": {number(0)}, "all missing": {nil, nil}, "none": nil,
	} {
		b := reportstest.Rich()
		for i := range b.Weekly.Figures {
			b.Weekly.Figures[i].Series = series
		}
		env := parse(t, eml(t, compose(t, b, "ann@example.org")))
		known := slices.ContainsFunc(series, func(v *float64) bool { return v != nil })
		if got := len(env.Inlines) > 0; got != known {
			t.Errorf("%s: %d pictures", name, len(env.Inlines))
		}
	}
}

// Names cannot write into headers, end lines, or turn the text around them; lines stay within what mail
// allows whatever the length of a name.
func TestCompose_controlCharactersAndEndlessNames(t *testing.T) {
	for name, project := range map[string]string{
		"control":   "Acme\r\nBcc: eve@example.org\x1b[2J\x00\u202e",
		"long":      strings.Repeat("Very Long Project ", 600),
		"one word":  strings.Repeat("x", 10_000),
		"foreign":   strings.Repeat("北京推荐", 2_500),
		"invisible": "\u202e\u202e",
	} {
		t.Run(name, func(t *testing.T) {
			b := reportstest.Rich()
			b.Project.Name = project
			b.Weekly.Movers[0].Name = project
			m := compose(t, b, "ann@example.org")
			if strings.ContainsFunc(m.Subject, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) || !strings.Contains(m.Subject, "2026-W46") {
				t.Errorf("subject %q", m.Subject)
			}
			raw := eml(t, m)
			for _, line := range strings.Split(string(raw), "\r\n") {
				if len(line) > 998 {
					t.Errorf("a line of %d bytes: %.80s", len(line), line)
				}
			}
			env := parse(t, raw)
			if bcc := env.GetHeader("Bcc"); bcc != "" {
				t.Errorf("a name wrote a header: Bcc %q", bcc)
			}
			for part, text := range map[string]string{"text": env.Text, "html": env.HTML} {
				if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\r\n\t", r) || r == '\u202e' }); i >= 0 {
					t.Errorf("%s: control character at %d", part, i)
				}
			}
			id := env.GetHeader("List-Id")
			for _, label := range strings.Split(strings.Trim(id, "<>"), ".") {
				if label == "" || len(label) > 63 || strings.Trim(label, "-") != label {
					t.Errorf("list id %q", id)
				}
			}
		})
	}
	long := func(end string) string {
		b := reportstest.Rich()
		b.Project.Name = strings.Repeat("x", 200) + end
		return parse(t, eml(t, compose(t, b, "ann@example.org"))).GetHeader("List-Id")
	}
	if long("a") == long("b") {
		t.Error("two long projects have one list")
	}
}
