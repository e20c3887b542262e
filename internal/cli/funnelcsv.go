package cli

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"time"

	"vouch/funnel"
	"vouch/referral"
)

// funnelTables are the exact figures of steps and groups for CSV and Markdown.
func funnelTables(r funnel.Result) []table {
	head := []string{"group", "step", "persons", "from_previous", "from_first", "from_first_lo", "from_first_hi", "amount_minor"}
	t := newTable("", 2, head...)
	add := func(key string, steps []funnel.StepResult) {
		for _, s := range steps {
			lo, hi := limits(s.FromFirst)
			t.add(key, s.Name, strconv.FormatInt(s.Persons, 10), exactOf(s.FromPrevious), exactOf(s.FromFirst), lo, hi, whole(s.AmountMinor))
		}
	}
	add("(all)", r.Steps)
	for _, g := range r.Groups {
		add(g.Key, g.Steps)
	}
	return []table{t}
}

// exactGroups has a row for each group: its rates and how it stands against the rest.
func exactGroups(r funnel.Result) table {
	t := newTable("", 1, "group", "entered", "converted", "rate", "rate_lo", "rate_hi", "shrunk", "shrunk_lo", "shrunk_hi", "rest_entered", "rest_converted",
		"difference", "difference_lo", "difference_hi", "p_value", "adjusted_p", "test", "decision", "half_after_seconds", "cost_minor", "payout_minor", "amount_minor")
	for _, words := range []int{16, 17} {
		t.left[words] = true
	}
	for _, g := range r.Groups {
		v, last := g.VersusRest, goal(g.Steps)
		row := []string{g.Key, strconv.FormatInt(g.Steps[0].Persons, 10), strconv.FormatInt(last.Persons, 10)}
		row = append(append(row, withLimits(last.FromFirst)...), withLimits(g.Shrunk)...)
		row = append(row, strconv.FormatInt(v.RestEntered, 10), strconv.FormatInt(v.RestConverted, 10))
		row = append(append(row, withLimits(&v.Difference)...), exact(v.PValue), exact(v.AdjustedP), v.Test, v.Decision, exact(g.VelocityConverting["0.5"]))
		if g.Cost == nil {
			row = append(row, "", "")
		} else {
			row = append(row, whole(g.Cost.CostMinor), whole(g.Cost.PayoutMinor))
		}
		t.add(append(row, whole(last.AmountMinor))...)
	}
	return t
}

// exactFlow has a row for each thing that came next.
func exactFlow(r funnel.Result) table {
	t := newTable("", 0, "step", "name", "next", "event", "persons")
	for _, words := range []int{1, 2, 3} {
		t.left[words] = true
	}
	for _, f := range r.Flow {
		t.add(strconv.Itoa(f.Step), f.Name, f.Next, f.Event, strconv.FormatInt(f.Persons, 10))
	}
	return t
}

// listTable has a row for each unit.
func listTable(l *funnel.List) table {
	t := newTable("", 5, l.Unit, "last_step", "entered_at", "last_event_at", "status")
	for _, u := range l.Units {
		t.add(printable(u.ID), u.LastStep, u.EnteredAt.Format(time.RFC3339Nano), u.LastAt.Format(time.RFC3339Nano), u.Status)
	}
	return t
}

// listText writes a list for people, and how much of it is not shown.
func (a *app) listText(w io.Writer, l *funnel.List) {
	what := l.Status
	if what == "dropped" {
		what = "dropped out"
	}
	fmt.Fprintf(w, "%s · %s at %s · %s", l.Name, what, l.Step, referral.Thousands(l.Total))
	if n := int64(len(l.Units)); n < l.Total {
		fmt.Fprintf(w, ", the first %s in order of their ids: --limit N shows more", referral.Thousands(n))
	}
	fmt.Fprint(w, "\n\n")
	if len(l.Units) == 0 {
		fmt.Fprintln(w, "  Nobody.")
		return
	}
	writeTables(w, []table{listTable(l)})
}

// withLimits writes an estimate and its interval.
func withLimits(e *referral.Estimate) []string {
	lo, hi := limits(e)
	return []string{exactOf(e), lo, hi}
}

func limits(e *referral.Estimate) (lo, hi string) {
	if e == nil {
		return "", ""
	}
	return exact(e.Lo), exact(e.Hi)
}

// whole writes an amount that may not be known.
func whole(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
