package demo

import (
	"testing"
	"time"
)

// log writes events as letters at minutes: "a0 b5 b5 c7".
func testLog(names string, minutes ...int) []event {
	var out []event
	for i, n := range names {
		at := time.Date(2026, 1, 1, 0, minutes[i], 0, 0, time.UTC)
		out = append(out, event{id: string(rune('0' + i)), name: string(n), at: at})
	}
	return out
}

func TestReached(t *testing.T) {
	abc := []step{is("a"), is("b"), is("c")}
	aa := []step{is("a"), is("a"), is("b")}
	for _, x := range []struct {
		why     string
		names   string
		minutes []int
		steps   []step
		want    int
	}{
		{"nothing", "", nil, abc, 0},
		{"no first step", "bc", []int{1, 2}, abc, 0},
		{"in order", "abc", []int{1, 2, 3}, abc, 3},
		{"others between", "axbyc", []int{1, 2, 3, 4, 5}, abc, 3},
		{"out of order", "acb", []int{1, 2, 3}, abc, 2},
		{"ties read in any order", "cba", []int{4, 4, 4}, abc, 3},
		{"the window includes its end", "abc", []int{0, 5, 10}, abc, 3},
		{"one minute more is too late", "abc", []int{0, 5, 11}, abc, 2},
		{"a later start reaches further", "abac", []int{0, 3, 4, 11}, abc, 2},
		{"and it does with a step of its own", "ababc", []int{0, 3, 4, 5, 11}, abc, 3},
		{"one event serves one step", "ab", []int{1, 2}, aa, 1},
		{"two events serve two", "aab", []int{1, 1, 2}, aa, 3},
	} {
		if got := reached(testLog(x.names, x.minutes...), x.steps, 10*time.Minute); got != x.want {
			t.Errorf("%s: %d steps, want %d", x.why, got, x.want)
		}
	}
}

func TestLastTouchAndClick(t *testing.T) {
	at := func(m int) time.Time { return time.Date(2026, 1, 1, 0, m, 0, 0, time.UTC) }
	events := []event{
		{id: "1", name: evInvite, partner: "early", at: at(0)},
		{id: "2", name: evClick, partner: "click", at: at(1)},
		{id: "3", name: evClick, partner: "", at: at(5)},
		{id: "5", name: evSignup, partner: "tied-5", at: at(6)},
		{id: "4", name: evClick, partner: "tied-4", at: at(6)},
		{id: "6", name: evClick, partner: "future", at: at(9)},
	}
	if got := lastTouch(events, at(6)); got != "tied-5" {
		t.Errorf("last touch %q, want the greater id of the two at that time", got)
	}
	if got := lastTouch(events, at(0)); got != "early" {
		t.Errorf("last touch %q, want the one at the very time", got)
	}
	if got := lastTouch(nil, at(0)); got != "" {
		t.Errorf("last touch %q of nothing", got)
	}
	if got := lastClick(events, at(6), 10*time.Minute); got != "tied-4" {
		t.Errorf("last click %q, want tied-4", got)
	}
	if got := lastClick(events, at(5), 4*time.Minute); got != "click" {
		t.Errorf("last click %q: a click exactly a window ago counts, one without a partner does not", got)
	}
	if got := lastClick(events, at(5), 3*time.Minute); got != "" {
		t.Errorf("last click %q, want none within 3 minutes", got)
	}
}
