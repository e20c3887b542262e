package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vouch/funnel"
	"vouch/referral"
)

// manyGroups is a funnel by partner with n groups; the first has few entrants.
func manyGroups(n int) *funnel.Result {
	f := &funnel.Result{Name: "x", By: "partner_id", Persons: 1000, Steps: steps(1000, 400, 50), Other: &funnel.Other{Values: int64(n - 2), Steps: steps(900, 300, 40)}}
	for i := range n {
		g := funnel.Group{Key: fmt.Sprintf("p%03d", i), Steps: steps(100, 40, 20)}
		for k := 1; k < 3; k++ {
			e := est(0.2, 0.1, 0.3)
			g.Steps[k].FromFirst = &e
		}
		g.VersusRest = &funnel.Comparison{Entered: 100, Converted: 20, RestEntered: 900, RestConverted: 30, Difference: est(0.16, 0.1, 0.25), Decision: "above", Test: "z_pooled", AdjustedP: referral.Float(0.0004)}
		f.Groups = append(f.Groups, g)
	}
	f.Groups[0].VersusRest = &funnel.Comparison{Entered: 9, Converted: 0, RestEntered: 991, RestConverted: 50, Difference: est(-0.05, -0.06, 0.25), Decision: "unclear"}
	return f
}

func TestGroupTable_showsTheFirstAndKeepsAll(t *testing.T) {
	w := testWriter(&Bundle{})
	for _, n := range []int{3, maxGroups + 7} {
		tab := w.groupTable(manyGroups(n))
		data, err := tab.CSVFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(data), "\r\n") - 1; got != n || len(tab.Shown()) != min(n, maxGroups) {
			t.Errorf("%d groups: %d shown, %d in the file", n, len(tab.Shown()), got)
		}
		if feet := tab.Feet(); len(feet) != 2 || feet[0][0].Text != fmt.Sprintf("Other (%d)", n-2) || feet[0][1].Text != "900" || feet[1][0].Text != "All" || feet[1][1].Text != "1,000" {
			t.Errorf("feet %v", feet)
		}
		for _, row := range append(tab.Shown(), tab.Feet()...) {
			if len(row) != len(tab.Columns) {
				t.Errorf("a row has %d cells under %d heads", len(row), len(tab.Columns))
			}
		}
		decision := slices.IndexFunc(tab.Columns, func(c Column) bool { return c.Head == "Reading" })
		if few, many := tab.Rows[0][decision], tab.Rows[1][decision]; few.Text != "too few to tell" || many.Text != "above" || many.Tone != "better" {
			t.Errorf("decisions %+v and %+v", few, many)
		}
	}
}

// What is known of nothing has no column: not on the page and not in the file.
func TestTable_withoutBlanks(t *testing.T) {
	cell := func(s string) Cell { return Cell{Text: s, CSV: []string{s}} }
	tab := &Table{
		ID: "x", Columns: []Column{textColumn("a"), textColumn("b"), textColumn("c"), textColumn("d")},
		Rows: [][]Cell{{cell(""), cell(""), cell("1"), cell("")}, {cell(""), cell(""), cell(""), cell("")}}, Foot: []Cell{cell(""), cell(""), cell(""), cell("9")},
	}
	tab.withoutBlanks()
	data, err := tab.CSVFile()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(data), "a,c,d\r\n,1,\r\n,,\r\n"; got != want {
		t.Errorf("file %q, want %q", got, want)
	}
	if len(tab.Foot) != 3 || tab.Foot[2].Text != "9" || tab.Rest != nil {
		t.Errorf("foot %v, rest %v", tab.Foot, tab.Rest)
	}
}

// The groups that stand alone are drawn, those with too few are not.
func TestGroupChart(t *testing.T) {
	w := testWriter(&Bundle{})
	for _, c := range []struct {
		others int64 // put together
		want   int   // drawn: the first has too few entrants
	}{{0, maxBars - 1}, {20, maxBars - 1}, {37, 2}, {40, 0}} {
		f := manyGroups(40)
		f.Other.Values = c.others
		if c.others == 0 {
			f.Other = nil
		}
		got := w.groupChart(f, "x").Effects
		if len(got) != c.want || c.want > 0 && (got[0].Name != "p001" || got[0].Tone != "better") {
			t.Errorf("%d put together: %d rows, %+v", c.others, len(got), got)
		}
	}
}

func TestGroupReading(t *testing.T) {
	w := testWriter(&Bundle{})
	f := manyGroups(3)
	f.Groups[2].VersusRest.Decision, f.Groups[2].VersusRest.Difference = "below", est(-0.1, -0.2, -0.01)
	want := "Of 3 partners, clearly above the rest: 1, clearly below: 1; of the others the data do not tell. Highest: p001, +16.0 pp (+10.0 to +25.0). Lowest: p002, -10.0 pp (-20.0 to -1.00)."
	if got := plainText(w.groupReading(f)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	f.Groups = f.Groups[:1]
	if got := w.groupReading(f); got != "Of 1 partners none stands clearly above or below the rest." {
		t.Errorf("%q", got)
	}
	f.Groups[0].VersusRest = nil
	if got := w.groupReading(f); got != "" {
		t.Errorf("nothing was compared, and the page says %q", got)
	}
}

func TestPartnerFunnel_isTheFirstThatSomebodyEntered(t *testing.T) {
	by := func(name, by string, n int64) funnel.Result {
		return funnel.Result{Name: name, By: by, Persons: n, Groups: []funnel.Group{{Key: "a", Steps: steps(n)}}}
	}
	w := testWriter(&Bundle{Funnels: []funnel.Result{by("a", "", 5), by("b", "partner_id", 0), by("c", "partner_id", 7), by("d", "partner_id", 9)}})
	if f := w.partnerFunnel(); f == nil || f.Name != "c" {
		t.Errorf("%+v", f)
	}
	w = testWriter(&Bundle{Funnels: []funnel.Result{by("a", "channel", 5)}})
	if f := w.partnerFunnel(); f != nil || len(partnerGroups(f)) != 0 {
		t.Errorf("%+v", f)
	}
	if s, err := w.convertSection(); err != nil || len(s.Blocks) != 0 {
		t.Errorf("a section without a funnel: %+v, %v", s, err)
	}
}
