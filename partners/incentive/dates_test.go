package incentive

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func day(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDay_refuses(t *testing.T) {
	for _, text := range []string{"", "2023-02-29", "2023-2-1", "2023-13-01", "01.02.2023", "2023-02-01T00:00:00Z", "today"} {
		if d, err := ParseDay(text); err == nil {
			t.Errorf("%q was read as %v", text, d)
		}
	}
}

// TestWholeMonths_dayByDay walks six years day by day from every kind of month end, counting an
// anniversary on each day that is one: the same day of the month, or the last day of a month too
// short for it.
func TestWholeMonths_dayByDay(t *testing.T) {
	for _, first := range []string{"2023-01-31", "2023-01-30", "2023-01-29", "2024-02-29", "2023-02-28", "2023-04-30", "2023-12-15", "2023-08-01"} {
		start := day(t, first)
		months := 0
		for d := start; d.Before(start.AddDate(6, 0, 0)); d = d.AddDate(0, 0, 1) {
			endOfMonth := d.AddDate(0, 0, 1).Day() == 1
			if d.After(start) && (d.Day() == start.Day() || endOfMonth && d.Day() < start.Day()) {
				months++
			}
			if got := WholeMonths(start, d); got != months {
				t.Fatalf("%s to %s: %d months, want %d", first, d.Format(time.DateOnly), got, months)
			}
		}
		if got := WholeMonths(start, start.AddDate(0, 0, -1)); got != -1 {
			t.Errorf("the day before %s: %d", first, got)
		}
	}
}

func TestRecurring(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	for name, c := range map[string]struct {
		months *int64
		in     []int64
		want   []bool
	}{
		"for ever":                  {nil, []int64{0, 11, 500}, []bool{true, true, true}},
		"first only":                {n(0), []int64{0, 0, 1}, []bool{true, false, false}},
		"first only, not the first": {n(0), []int64{1, 0, 0}, []bool{false, true, false}},
		"a year":                    {n(12), []int64{0, 11, 12, 13}, []bool{true, true, false, false}},
		"none":                      {n(3), nil, []bool{}},
	} {
		got, err := Recurring{c.months}.Pays(c.in)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
	if _, err := (Recurring{n(-1)}).Pays([]int64{0}); err == nil {
		t.Error("negative months were accepted")
	}
	if _, err := (Recurring{}).Pays([]int64{0, -1}); err == nil {
		t.Error("a payment before the first was accepted")
	}
}

func TestRecurring_days(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	days := func(texts ...string) (out []time.Time) {
		for _, s := range texts {
			out = append(out, day(t, s))
		}
		return out
	}
	for name, c := range map[string]struct {
		limit  *int64
		first  string
		days   []time.Time
		months []int64
		pays   []bool
	}{
		"month ends": {
			n(2), "2024-01-31", days("2024-01-31", "2024-02-28", "2024-02-29", "2024-03-30", "2024-03-31"),
			[]int64{0, 0, 1, 1, 2},
			[]bool{true, true, true, true, false},
		},
		"first day only":                   {n(0), "2024-01-10", days("2024-01-10", "2024-01-10", "2024-01-20"), []int64{0, 0, 0}, []bool{true, false, false}},
		"the first day itself has no sale": {n(0), "2024-01-10", days("2024-01-11"), []int64{0}, []bool{false}},
		"for ever":                         {nil, "2020-02-29", days("2030-02-28"), []int64{120}, []bool{true}},
	} {
		months, pays, err := Recurring{c.limit}.PaysOn(day(t, c.first), c.days)
		if d := cmp.Diff([]any{c.months, c.pays}, []any{months, pays}); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
	if _, _, err := (Recurring{n(3)}).PaysOn(day(t, "2024-02-10"), days("2024-02-09")); err == nil {
		t.Error("a sale before the first was accepted")
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		action                     string
		rule                       Schedule
		lastOpen, lockedFrom, paid string
	}{
		// impact.com, help page "Set Action Locking & Payment Scheduling Periods": the January example.
		{"2023-01-15", Schedule{0, 27, 0, 20}, "2023-02-27", "2023-02-28", "2023-03-20"},
		{"2024-01-31", Schedule{1, 0, 0, 15}, "2024-02-29", "2024-03-01", "2024-03-15"},
		{"2023-12-05", Schedule{1, 10, 1, 1}, "2024-02-10", "2024-02-11", "2024-04-01"},
		{"2023-12-31", Schedule{}, "2023-12-31", "2024-01-01", "2023-12-31"},
		{"2023-01-01", Schedule{13, 0, 0, 0}, "2024-02-29", "2024-03-01", "2024-02-29"},
	} {
		got, err := c.rule.Of(day(t, c.action))
		want := Dates{day(t, c.lastOpen), day(t, c.lockedFrom), day(t, c.paid)}
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s %+v: %v\n%s", c.action, c.rule, err, d)
		}
	}
	for _, bad := range []Schedule{{LockMonths: -1}, {LockDays: -1}, {PayMonths: -1}, {PayDays: maxSpan + 1}} {
		if _, err := bad.Of(day(t, "2024-01-01")); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
