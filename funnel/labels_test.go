package funnel

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/referral"
)

// TestUnitRun_texts counts the changes of a sorted text over batches that cut a unit in two, and reuse
// the memory of their texts.
func TestUnitRun_texts(t *testing.T) {
	var r unitRun
	buffer := []byte("aab")
	var got []int64
	for _, batch := range []string{"aab", "bbb", "bcc", "c", "zz"} {
		copy(buffer, batch)
		texts := make([]string, len(batch))
		for i := range texts {
			texts[i] = string(buffer[i : i+1])
		}
		ids, err := r.number(&engine.Column{Text: texts})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids...)
	}
	if diff := cmp.Diff([]int64{0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := r.number(&engine.Column{Text: []string{"y"}}); err == nil || !strings.Contains(err.Error(), `unit "y" after unit "z"`) {
		t.Errorf("a stream out of order: %v", err)
	}
}

// TestUnitRun_keys wants keys as they are, whatever their width.
func TestUnitRun_keys(t *testing.T) {
	var r unitRun
	for _, c := range []engine.Column{{I16: []int16{3, 3, 9}}, {I64: []int64{9, 1 << 40}}} {
		ids, err := r.number(&c)
		if err != nil || ids[0] != c.Int(0) || ids[len(ids)-1] != c.Int(len(ids)-1) {
			t.Errorf("%v, %v", ids, err)
		}
	}
}

// TestLabels_of wants none for a key that was never named, before, between and after those that were.
func TestLabels_of(t *testing.T) {
	l := newLabels()
	l.put(2, "gold")
	l.put(5, "silver")
	l.put(7, "gold")
	var got []string
	for key := range int64(10) {
		got = append(got, l.list[l.of(key)])
	}
	if diff := cmp.Diff([]string{"", "", "gold", "", "", "silver", "", "gold", "", ""}, got); diff != "" {
		t.Error(diff)
	}
	if len(l.list) != 3 {
		t.Errorf("%d texts are held, of which two differ", len(l.list)-1)
	}
}

// TestCalendarPeriods wants every instant from 1970 to the as-of time in one period, whose label is that of
// the calendar, in zones whose days are 23 or 25 hours long or begin at half past an hour of UTC.
func TestCalendarPeriods(t *testing.T) {
	asOf := time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	for _, name := range []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/Havana", "Pacific/Kiritimati"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		cal := referral.Calendar{Zone: zone, WeekStart: time.Sunday}
		for _, g := range []referral.Grain{referral.Day, referral.Week, referral.Month, referral.Quarter} {
			ps := calendarPeriods(cal, g, asOf)
			if ps[0].From.After(time.Unix(0, 0)) || !ps[len(ps)-1].To.Equal(asOf) {
				t.Errorf("%s %s: from %s to %s", name, g, ps[0].From, ps[len(ps)-1].To)
			}
			seen := map[string]bool{}
			for i, p := range ps {
				last := p.To.Add(-time.Microsecond)
				if i > 0 && !p.From.Equal(ps[i-1].To) || seen[p.label] || cal.Label(cal.Start(last, g), g) != p.label || cal.Label(cal.Start(p.From, g), g) != p.label {
					t.Fatalf("%s %s: period %d, %s from %s to %s", name, g, i, p.label, p.From, p.To)
				}
				seen[p.label] = true
			}
		}
	}
}

// TestCalendarPeriods_order wants labels to ascend as texts, so that a comparison of labels is one of times.
func TestCalendarPeriods_order(t *testing.T) {
	cal := referral.Calendar{Zone: time.UTC, WeekStart: time.Monday}
	for _, g := range []referral.Grain{referral.Day, referral.Week, referral.Month, referral.Quarter} {
		ps := calendarPeriods(cal, g, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
		if !slices.IsSortedFunc(ps, func(a, b labelled) int { return strings.Compare(a.label, b.label) }) {
			t.Errorf("labels of %s do not ascend", g)
		}
	}
}

// TestFieldOf reads every name that is a field, and none that is not.
func TestFieldOf(t *testing.T) {
	for name, want := range map[string]field{
		"partner_id":      {Column: "partner_key", Of: ofPartner, Name: "partner_id"},
		"referrer_id":     {Column: "referrer_key", Of: ofReferrer},
		"channel":         {Column: "channel"},
		"order_id":        {Column: "order_id"},
		"prop.plan":       {Prop: "plan"},
		"prop.partner.x":  {Prop: "partner.x"},
		"partner.tier":    {Column: "partner_key", Of: ofPartner, Name: "tier"},
		"person.a.b":      {Column: "person_key", Of: ofPerson, Name: "a.b"},
		"cohort.week":     {Column: "person_key", Of: ofFirst, Name: "week"},
		"acquired.day":    {Column: "person_key", Of: ofAcquired, Name: "day"},
		"person.first.us": {Column: "person_key", Of: ofPerson, Name: "first.us"},
	} {
		if !isField(name) {
			t.Errorf("%s is no field", name)
		}
		if got := fieldOf(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	for _, name := range []string{"", "event", "person_id", "tier", "partner", "partner.", "partner.email", "partner.partner_id", "person.", "prop.", `prop.a"b`, `person.a\b`, "cohort", "cohort.hour", "acquired.year", "props.x", ".x"} {
		if isField(name) {
			t.Errorf("%q is a field", name)
		}
	}
}

// TestDatedCondition merges neighbouring periods that match and cuts them at the as-of time.
func TestDatedCondition(t *testing.T) {
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	scope := referral.Scope{AsOf: day(5, 10), Calendar: referral.Calendar{Zone: time.UTC, WeekStart: time.Monday}}
	epoch := time.Unix(0, 0).UTC()
	for _, c := range []struct {
		op, value string
		want      []referral.Period
		sql       string
	}{
		{"=", `"2026-03"`, []referral.Period{{From: day(3, 1), To: day(4, 1)}}, "within"},
		{"!=", `"2026-03"`, []referral.Period{{From: epoch, To: day(3, 1)}, {From: day(4, 1), To: day(5, 10)}}, "within"},
		{">=", `"2026-04"`, []referral.Period{{From: day(4, 1), To: day(5, 10)}}, "within"},
		{"contains", `"2026-0"`, []referral.Period{{From: day(1, 1), To: day(5, 10)}}, "within"},
		{"not_null", ``, []referral.Period{{From: epoch, To: day(5, 10)}}, "within"},
		{"is_null", ``, []referral.Period{{From: epoch, To: day(5, 10)}}, "is_null"},
		{"=", `"2026-06"`, nil, "never"},
		{"=", `202603`, nil, "never"},
	} {
		got := sqlCondition(Condition{Field: "cohort.month", Op: c.op, Value: []byte(c.value)}, scope)
		if diff := cmp.Diff(c.want, got.Spans); diff != "" || got.Op != c.sql {
			t.Errorf("%s %s: %s, want %s\n%s", c.op, c.value, got.Op, c.sql, diff)
		}
	}
}

// TestDefinition_options names every option that is asked for, and the defaults of those that always hold.
func TestDefinition_options(t *testing.T) {
	three := 3
	shop := Step{Name: "e", Event: "x", Where: map[string]json.RawMessage{"prop.y": []byte(`"1"`), "prop.z": []byte("1")}}
	either := [][]Condition{{equals("event", "x"), {Field: "prop.y", Op: "not_null"}}, {equals("event", "z")}}
	for name, c := range map[string]struct {
		def  Definition
		want map[string]string
	}{
		"defaults": {Definition{Steps: []Step{{Name: "a"}}}, nil},
		"all": {
			Definition{
				Steps: []Step{{Name: "a"}, {Name: "b", Optional: true}, {Name: "c", FirstEver: true, MinGap: referral.Minute}, {AnyOf: [][]Condition{{}}, Name: "d"}, shop},
				Order: "strict", Ties: "increasing", Reuse: true, Entry: "first", Counting: "totals", Unit: "order_id", Late: "drop", Top: &three,
				Window: referral.DayLen, Windows: []referral.Duration{referral.Hour, 2 * referral.Hour, 3 * referral.Hour, 0}, Tolerance: referral.Second,
				EntryFrom: "2026-01-01", EntryTo: "2026-02-01", Hold: []string{"channel", "prop.x"}, By: &Breakdown{Property: "partner.tier", Attribution: "step", Step: 2},
				Exclusions: []Exclusion{{Event: "x", From: 0, To: 2, Policy: "reset"}, {AnyOf: either, From: 2, To: 3}}, Trend: &Trend{Interval: "day", Timezone: "UTC"},
			},
			map[string]string{
				"order": "strict", "ties": "increasing", "reuse": "true", "entry": "first", "counting": "totals", "unit": "order_id", "late": "drop", "top": "3",
				"window": "1d", "step_windows": "b 1h, c 2h, d 3h", "tolerance": "1s", "entry_from": "2026-01-01", "entry_to": "2026-02-01", "hold_constant": "channel, prop.x",
				"breakdown": "partner.tier, step 2", "exclusions": "x between a and c: reset, event = \"x\" and prop.y not_null or event = \"z\" between c and d: end_attempt", "trend": "day UTC",
				"optional": "b", "first_ever": "c", "min_gaps": "c 1m",
				"conditions": `d: any event, e: event = "x" and prop.y = "1" and prop.z = 1`,
			},
		},
	} {
		want := map[string]string{
			"order": "ordered", "ties": "any_order", "reuse": "false", "entry": "any", "counting": "uniques", "unit": "person", "late": "keep", "window": "none",
		}
		if c.want != nil {
			want = c.want
		}
		if diff := cmp.Diff(want, c.def.options()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	strict := &Result{Options: Definition{Order: "strict", Window: referral.DayLen, Hold: []string{"channel"}}.options()}
	if diff := cmp.Diff([]string{"hold_constant channel", "order strict"}, strict.Readings()); diff != "" {
		t.Error(diff)
	}
	if got := (&Result{Options: Definition{}.options()}).Readings(); got != nil {
		t.Errorf("the defaults are listed: %q", got)
	}
	if n := fmt.Sprint(Definition{}.Shown(), Definition{Top: &three}.Shown()); n != "10 3" {
		t.Errorf("groups shown: %s", n)
	}
}
