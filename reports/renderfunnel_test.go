package reports_test

import (
	"bytes"
	"encoding/csv"
	"html"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vouch/reports/reportstest"
)

// A funnel nobody entered has a section that says so with its finding, and nothing to draw.
func TestRender_funnelNobodyEntered(t *testing.T) {
	for _, n := range elements(t, render(t, reportstest.Rich())["funnels.html"]) {
		if id, _ := attr(n, "id"); n.Data != "section" || id != "funnel-renewals" {
			continue
		}
		text := content(n)
		for _, want := range []string{"Why did nobody enter renewals?", "no event of the data starts it", "elapsed time from the first step"} {
			if !strings.Contains(text, want) {
				t.Errorf("the section does not say %q:\n%s", want, text)
			}
		}
		if strings.Contains(render1(t, n), `class="chart"`) {
			t.Error("an empty funnel has a chart")
		}
		return
	}
	t.Error("the funnel has no section")
}

// The numbers of each chart of a funnel stand in a table of the page.
func TestRender_funnelHasAllItsParts(t *testing.T) {
	files := render(t, reportstest.Rich())
	page := string(files["funnels.html"])
	for _, chart := range []string{"steps", "histogram", "flow-chart", "trend-chart", "groups-chart"} {
		if !strings.Contains(page, `data-chart="funnel-referral-`+chart+`"`) {
			t.Errorf("no chart %s", chart)
		}
	}
	for _, table := range []string{"funnels", "steps-referral", "open-referral", "times-referral", "flow-referral", "trend-referral", "groups-referral", "reach-referral", "options-referral"} {
		if files["funnels/"+table+".csv"] == nil || !strings.Contains(page, `data-table="`+table+`"`) {
			t.Errorf("no table %s", table)
		}
	}
	plain := strings.ReplaceAll(html.UnescapeString(page), "\u00a0", " ")
	for _, want := range []string{
		"expect 5.50 % (95 % interval 5.30 to 5.80) once all windows are closed", "38 of 2,116 conversions (1.80 %) exist only because", "312 events of the funnel were received at the as-of time or later; such events are left out",
		"Of 900 attempts that entered codes", "77 events carry no referral code", "never: no window", "EUR 40,000.00 was paid out", "Paid out per person", "Something new",
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, c := range []struct{ table, sum string }{{"flow-referral", "persons"}, {"times-referral", "persons"}} {
		rows, err := csv.NewReader(bytes.NewReader(files["funnels/"+c.table+".csv"])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		col, total := slices.Index(rows[0], c.sum), 0
		for _, r := range rows[1:] {
			n, err := strconv.Atoi(r[col])
			if err != nil {
				t.Fatal(err)
			}
			total += n
		}
		if want := map[string]int{"flow-referral": 41207, "times-referral": 2116}[c.table]; total != want {
			t.Errorf("%s adds up to %d, want %d", c.table, total, want)
		}
	}
}

// Partners are kept or dropped on how their people convert: the section has intervals, says where there
// are too few, and names the funnel it rests on.
func TestRender_partnersSayHowTheirPeopleConvert(t *testing.T) {
	files := render(t, reportstest.Rich())
	for _, n := range elements(t, files["partners.html"]) {
		if id, _ := attr(n, "id"); n.Data != "section" || id != "conversion" {
			continue
		}
		text := strings.ReplaceAll(content(n), "\u00a0", " ")
		for _, want := range []string{"Acme Growth Partners", "n = 7, too few", "too few to tell", "9 in 10: 10.4 d", "the funnel referral, window 30d: invite_sent → invite_clicked → signed_up → purchase"} {
			if !strings.Contains(text, want) {
				t.Errorf("the section does not say %q", want)
			}
		}
		if !strings.Contains(render1(t, n), `href="funnels.html#funnel-referral"`) {
			t.Error("no link to the funnel")
		}
		head, _, _ := strings.Cut(string(files["partners/conversion.csv"]), "\r\n")
		for _, want := range []string{"against_the_rest_lo", "adjusted_p", "expected_rate_hi", "half_within (seconds)", "signed_up_numerator"} {
			if !strings.Contains(head, want) {
				t.Errorf("the file has no %s", want)
			}
		}
		return
	}
	t.Error("there is no such section")
}

// A funnel of 64 steps and 700 partners makes a page that can be read: the table shows the first 500, its
// file has all.
func TestRender_manyStepsAndGroups(t *testing.T) {
	b := reportstest.Rich()
	f := &b.Funnels[0]
	for i := range 60 {
		st := f.Steps[1]
		st.Name = "more_" + strconv.Itoa(i)
		f.Steps = slices.Insert(f.Steps, 1, st)
		for j := range f.Groups {
			f.Groups[j].Steps = slices.Insert(f.Groups[j].Steps, 1, f.Groups[j].Steps[1])
		}
	}
	for i := range 700 {
		g := f.Groups[1]
		g.Key = "more-" + strconv.Itoa(i)
		f.Groups = append(f.Groups, g)
	}
	files := render(t, b)
	rows, err := csv.NewReader(bytes.NewReader(files["funnels/groups-referral.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows)-1 != len(f.Groups) {
		t.Errorf("the file has %d of %d groups", len(rows)-1, len(f.Groups))
	}
	for _, n := range elements(t, files["funnels.html"]) {
		if id, _ := attr(n, "data-table"); id == "groups-referral" {
			if got := strings.Count(render1(t, n), "<tr>") - 3; got != 500 { // the head and the two rows below
				t.Errorf("the page shows %d groups", got)
			}
		}
	}
	page := string(files["funnels.html"])
	if !strings.Contains(page, "shows the 500 with most entrants; its download has all 722") {
		t.Error("the page does not say that it shows a part")
	}
	if strings.Contains(page, `data-table="reach-referral"`) || strings.Contains(string(files["partners/conversion.csv"]), "more_7") {
		t.Error("64 steps stand beside each other")
	}
}
