package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/referral"
)

// TestMain_badInput gives the program what users give by mistake. Each case begins with a loaded
// project, breaks one file, and wants the exit code, the place and the remedy, and the same answers
// as before.
func TestMain_badInput(t *testing.T) {
	const head = "event_id,person_id,event,occurred_at,referrer_id,referral_code,partner_id,order_id,amount_minor\n"
	row := func(id, at, amount string) string { return id + ",gus,purchase," + at + ",,,acme,o9," + amount + "\n" }
	var many strings.Builder
	many.WriteString(head)
	for i := range 90_000 {
		at := "2026-01-05T10:00:00Z"
		if i == 89_999 {
			at = "noon"
		}
		many.WriteString(row("m"+itoa(i), at, "1.00"))
	}
	for name, c := range map[string]struct {
		file, text string // "" removes the file
		code       int
		says       []string
	}{
		"missing file":            {"data/events.csv", "", exitData, []string{"events*.csv: no such file", "optional"}},
		"empty file":              {"data/events.csv", "\x00", exitData, []string{"events.csv"}},
		"header only":             {"data/events2.csv", head, exitData, []string{"events2.csv", "optional"}},
		"wrong type in row 90000": {"data/events2.csv", many.String(), exitData, []string{"events2.csv", "90000", "occurred_at"}},
		"invalid utf-8":           {"data/events2.csv", head + row("x\xff", "2026-01-05T10:00:00Z", "1.00"), exitData, []string{"events2.csv"}},
		"nul byte":                {"data/events2.csv", head + row("x\x00", "2026-01-05T10:00:00Z", "1.00"), exitData, []string{"events2.csv"}},
		"10 MB line":              {"data/events2.csv", head + row(strings.Repeat("x", 10<<20), "2026-01-05T10:00:00Z", "1.00"), exitData, []string{"events2.csv"}},
		"wrong date format":       {"data/events2.csv", head + row("x", "05/01/2026", "1.00"), exitData, []string{"events2.csv", "occurred_at"}},
		"too many digits":         {"data/events2.csv", head + row("x", "2026-01-05T10:00:00Z", "1.001"), exitData, []string{"events2.csv", "row 1", "amount_minor", "decimals"}},
		"before 1970":             {"data/events2.csv", head + row("x", "1969-12-31T23:59:59Z", "1.00"), exitData, []string{"events2.csv", "1970"}},
		"after 2200":              {"data/events2.csv", head + row("x", "2201-01-01T00:00:00Z", "1.00"), exitData, []string{"events2.csv", "2200"}},
		"unknown currency":        {"data/events2.csv", strings.TrimSuffix(head, "\n") + ",currency\n" + strings.TrimSuffix(row("x", "2026-01-05T10:00:00Z", "1.00"), "\n") + ",EURO\n", exitData, []string{"events2.csv", "currency", "EURO"}},
		"duplicate keys":          {"data/partners.csv", "partner_id,name,archetype,tier,joined_at\nacme,A,ally,x,2025-01-01\nacme,B,ally,x,2025-01-01\n", exitData, []string{"partners.csv", "row 2", "partner_id"}},
		"column the file lacks":   {"vouch.yaml", "files: \"data/*.csv\", map: {person_id: usr}", exitData, []string{"usr"}},
		"unknown key":             {"vouch.yaml", "tmezone: UTC\n", exitConfig, []string{"vouch.yaml:", "timezone"}},
		"duplicate key":           {"vouch.yaml", "currency: USD\n", exitConfig, []string{"vouch.yaml:", "currency"}},
		"anchor bomb":             {"vouch.yaml", "include: &a [x, x]\nmail: {from: *a}\n", exitConfig, []string{"vouch.yaml:"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := small(t)
			replace(t, filepath.Join(dir, "vouch.yaml"), "files: data/events.csv, unit: major", `files: "data/events*.csv", unit: major`)
			if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
				t.Fatal(stderr)
			}
			_, before, _ := run(t, "partners", "--project", dir, "--format", "csv")
			config, err := os.ReadFile(filepath.Join(dir, "vouch.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			spoil(t, dir, c.file, c.text)
			code, _, stderr := run(t, "load", "--project", dir)
			if code != c.code {
				t.Errorf("exit code %d, want %d: %s", code, c.code, stderr)
			}
			for _, want := range c.says {
				if !strings.Contains(stderr, want) {
					t.Errorf("the message does not name %q: %s", want, stderr)
				}
			}
			if strings.ContainsAny(stderr, "\x1b\x00") {
				t.Errorf("the message steers the terminal: %q", stderr)
			}
			if strings.Contains(stderr, "goroutine") {
				t.Error("the message is a trace")
			}
			if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), config, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, after, _ := run(t, "partners", "--project", dir, "--format", "csv"); after != before || after == "" {
				t.Errorf("the answers changed:\n%s\n%s", before, after)
			}
		})
	}
}

// spoil breaks a file: no text removes it, a NUL empties it, text for the configuration is put in,
// text for data replaces them.
func spoil(t *testing.T, dir, file, text string) {
	t.Helper()
	path := filepath.Join(dir, file)
	switch {
	case text == "":
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	case text == "\x00":
		text = ""
	case strings.HasPrefix(text, "files:"):
		replace(t, path, `files: "data/events*.csv"`, text)
		return
	case file == "vouch.yaml":
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text = string(old) + text
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func replace(t *testing.T, path, old, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		t.Fatalf("%s does not contain %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), old, text, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func itoa(i int) string { return strings.ReplaceAll(referral.Thousands(int64(i)), ",", "") }
