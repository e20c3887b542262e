package cli

import (
	"strings"
	"testing"

	"vouch/funnel"
	"vouch/referral"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{123456789, "EUR", "1,234,567.89"},
		{-5, "EUR", "-0.05"},
		{-123456, "EUR", "-1,234.56"},
		{1234567, "JPY", "1,234,567"},
		{1234567, "KWD", "1,234.567"},
		{-9223372036854775808, "EUR", "-92,233,720,368,547,758.08"},
		{0, "EUR", "0.00"},
	} {
		if got := money(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s: got %s, want %s", c.minor, c.currency, got, c.want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -999: "-999", 1234567: "1,234,567"} {
		if got := referral.Thousands(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestPercent_unknownIsNotZero(t *testing.T) {
	e := referral.Undefined("no_entrants", "wilson", 0.95)
	if got := percent(&e); got != "no entrants" {
		t.Errorf("got %q", got)
	}
	if got := percent(nil); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestCells_alignsWideText(t *testing.T) {
	for s, want := range map[string]int{"abc": 3, "Łódź": 4, "杉木": 4, "한빛": 4, "e\u0301": 1} {
		if got := cells(s); got != want {
			t.Errorf("%q: got %d, want %d", s, got, want)
		}
	}
	tb := newTable("", 1, "name", "n")
	tb.add("杉木", "1")
	tb.add("abcdef", "22")
	var b strings.Builder
	writeTables(&b, []table{tb})
	if want := "  name     n\n  杉木     1\n  abcdef  22\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestWriteCSV_neutralisesFormulas(t *testing.T) {
	tb := newTable("", 1, "name", "n")
	tb.add("=cmd()", "-5")
	var b strings.Builder
	if err := writeCSV(&b, []table{tb}); err != nil {
		t.Fatal(err)
	}
	if want := "name,n\n'=cmd(),-5\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[31mb\n\u202e"); strings.ContainsAny(got, "\x1b\n\u202e") {
		t.Errorf("got %q", got)
	}
}

// TestWriteTables_cannotSteer puts names that steer a terminal into every part of a table.
func TestWriteTables_cannotSteer(t *testing.T) {
	const evil = "\x1b[31m\u202e\n"
	tab := newTable("t"+evil, 1, "name"+evil, "n")
	tab.add("a"+evil, "1")
	var b strings.Builder
	writeTables(&b, []table{tab})
	b.WriteString(broken([]string{"a" + evil, "b"}, ", ", 0, ""))
	if got := b.String(); strings.ContainsAny(got, "\x1b\u202e") || strings.Count(got, "\n") != 4 {
		t.Errorf("got %q", got)
	}
}

// TestFunnelTables_withoutMoney leaves the amount of bare counts empty in files and away in tables.
func TestFunnelTables_withoutMoney(t *testing.T) {
	r := funnel.Result{Currency: "EUR", Steps: []funnel.StepResult{{Name: "a", Persons: 2}}}
	if got := funnelTables(r)[0].rows[0]; got[len(got)-1] != "" {
		t.Errorf("amount %q of a funnel that read no money", got[len(got)-1])
	}
	var b strings.Builder
	(&app{}).funnelText(&b, r, funnelFlags{})
	if strings.Contains(b.String(), "amount") {
		t.Errorf("a column of money without money:\n%s", b.String())
	}
	zero := int64(0)
	r.Steps[0].AmountMinor = &zero
	b.Reset()
	(&app{}).funnelText(&b, r, funnelFlags{})
	if !strings.Contains(b.String(), "amount, EUR") {
		t.Errorf("no column for an amount of zero:\n%s", b.String())
	}
}
